import { Command } from "commander";
import { functionContext, type FunctionOptions, print, withFunctionOptions } from "./options.ts";

interface LogsOptions extends FunctionOptions {
  readonly limit: string;
}

interface EntryJson {
  readonly timestamp: string;
  readonly severity?: string;
  readonly textPayload?: string;
  readonly jsonPayload?: { readonly message?: string };
  readonly httpRequest?: { readonly requestMethod: string; readonly requestUrl: string; readonly status: number };
}

/** homerun logs: the newest log entries of a function, oldest first. */
export function logsCommand(): Command {
  const command = new Command("logs")
    .description("Print a function's log.")
    .argument("<name>", "function id")
    .option("--limit <n>", "how many of the newest entries", "50");
  return withFunctionOptions(command).action(async (id: string, options: LogsOptions) => {
    const { api } = await functionContext(options);
    const filter = [
      'resource.type="cloud_run_revision"',
      // Not the audit logs of the service.
      'logName:"run.googleapis.com"',
      `resource.labels.service_name="${id.toLowerCase().replaceAll("_", "-")}"`,
      `resource.labels.location="${options.region}"`,
    ].join(" ");
    const { entries = [] } = await api.call<{ entries?: EntryJson[] }>("POST", "/logging/v2/entries:list", {
      resourceNames: [`projects/${options.project}`],
      filter,
      orderBy: "timestamp desc",
      pageSize: Number(options.limit),
    });
    const inOrder = entries.toReversed();
    print(options, inOrder, () => inOrder.map(lineOf).join("\n"));
  });
}

function lineOf({ timestamp, severity = "DEFAULT", textPayload, jsonPayload, httpRequest }: EntryJson): string {
  const request = httpRequest && `${httpRequest.requestMethod} ${httpRequest.status} ${httpRequest.requestUrl}`;
  const text = textPayload ?? jsonPayload?.message ?? request ?? JSON.stringify(jsonPayload ?? {});
  return `${timestamp} ${severity.padEnd(8)} ${text}`;
}
