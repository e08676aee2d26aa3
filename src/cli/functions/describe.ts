import { Command } from "commander";
import { requireFunction } from "./function.ts";
import { functionContext, type FunctionOptions, withFunctionOptions } from "./options.ts";

/** homerun describe: everything the API tells of a function, as JSON. */
export function describeCommand(): Command {
  const command = new Command("describe").description("Print a function as JSON.").argument("<name>", "function id");
  return withFunctionOptions(command).action(async (id: string, options: FunctionOptions) => {
    console.log(JSON.stringify(await requireFunction(await functionContext(options), id), undefined, 2));
  });
}
