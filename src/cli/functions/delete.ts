import { Command } from "commander";
import { waitForOperation, type OperationJson } from "./operation.ts";
import { functionContext, type FunctionOptions, print, withFunctionOptions } from "./options.ts";

/** homerun delete: deletes a function, its service and its image, and waits until they are gone. */
export function deleteCommand(): Command {
  const command = new Command("delete").description("Delete a function.").argument("<name>", "function id");
  return withFunctionOptions(command).action(async (id: string, options: FunctionOptions) => {
    const { api, location } = await functionContext(options);
    const started = await api.call<OperationJson>("DELETE", `${location}/functions/${id}`);
    const operation = await waitForOperation(api, started, () => {});
    print(options, operation, () => `deleted ${id}`);
  });
}
