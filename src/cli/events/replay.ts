import { Command, Option } from "commander";
import { type EventOptions, eventsApi, printEvents, withEventOptions } from "./context.ts";
import { type AttemptJson, attemptLine, eventPath } from "./event.ts";

interface ReplayOptions extends EventOptions {
  readonly subscription?: string;
  readonly revision?: string;
  readonly url?: string;
}

/** homerun events replay: sends an event once more; exit code 1 when it is not taken. */
export function replayCommand(): Command {
  const command = new Command("replay")
    .description("Send an event again, once.")
    .argument("<event>", "id, as the list shows it")
    .option("--subscription <id>", "of which subscription, where several got the message")
    .addOption(new Option("--revision <name>", "to another revision of the service").conflicts("url"))
    .option("--url <url>", "to another endpoint");
  return withEventOptions(command).action(async (id: string, options: ReplayOptions) => {
    const api = await eventsApi(options);
    const { revision, url, subscription } = options;
    const target = { ...(revision !== undefined && { revision }), ...(url !== undefined && { url }) };
    const attempt = await api.call<AttemptJson>("POST", `${eventPath(id, subscription)}:replay`, target);
    printEvents(options, attempt, () => attemptLine(attempt));
    if (attempt.outcome !== "DELIVERED") process.exitCode = 1;
  });
}
