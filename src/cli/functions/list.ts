import { Command } from "commander";
import { triggerText } from "./event-trigger.ts";
import { type FunctionJson, localUrlOf } from "./function.ts";
import { functionContext, type FunctionOptions, print, withFunctionOptions } from "./options.ts";

/** homerun list: the functions of a project, in all regions. */
export function listCommand(): Command {
  const command = new Command("list").description("List functions.");
  return withFunctionOptions(command).action(async (options: FunctionOptions) => {
    const { api, state } = await functionContext(options);
    const path = `/cloudfunctions/v2/projects/${options.project}/locations/-/functions`;
    const { functions = [] } = await api.call<{ functions?: FunctionJson[] }>("GET", path);
    print(options, functions, () =>
      table(functions.map((each) => rowOf(each, each.serviceConfig?.uri ? localUrlOf(state, each) : "-"))),
    );
  });
}

function rowOf(each: FunctionJson, url: string): string[] {
  const [, , , region = "", , id = ""] = each.name.split("/");
  return [id, each.state, triggerText(each.eventTrigger), region, each.buildConfig?.runtime ?? "-", url];
}

function table(rows: readonly string[][]): string {
  const all = [["NAME", "STATE", "TRIGGER", "REGION", "RUNTIME", "URL"], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
