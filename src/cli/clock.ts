import { Command, Option } from "commander";
import { CliError } from "./cli-error.ts";
import { createApiClient } from "./client/api-client.ts";
import { type FunctionOptions, print } from "./functions/options.ts";
import { dataDirOf, withSettings } from "./server/options.ts";
import { requireServer } from "./server/running-server.ts";

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

type Options = Pick<FunctionOptions, "dataDir" | "format">;

/** The clock as the API shows it. */
interface Clock {
  readonly time: string;
  readonly mode: "SYSTEM" | "MANUAL";
  readonly ahead: string;
}

/** homerun clock: the services' time, which tests can advance on a server with --clock=manual. */
export function clockCommand(): Command {
  return new Command("clock")
    .description("Show and advance the services' time (a server with --clock=manual).")
    .addCommand(showCommand())
    .addCommand(advanceCommand());
}

function showCommand(): Command {
  const command = new Command("show").description("Show the services' time.");
  return withOptions(command).action(async (options: Options) => {
    const api = createApiClient(await requireServer(dataDirOf(options)));
    show(options, await api.call<Clock>("GET", "/clock/v1/clock"));
  });
}

function advanceCommand(): Command {
  const command = new Command("advance")
    .description("Move time on; everything that falls due on the way is done when the command ends.")
    .argument("[duration]", "how far, for example 90s, 10m, 1h30m or 7d")
    .addOption(new Option("--to <time>", "move on to a time instead, for example 2030-01-01T00:00:00Z"));
  return withOptions(command).action(async (duration: string | undefined, options: Options & { to?: string }) => {
    if ((duration === undefined) === (options.to === undefined))
      throw new CliError("say how far to move time on, or to what time with --to");
    const body = duration === undefined ? { time: options.to } : { duration: `${secondsOf(duration)}s` };
    const api = createApiClient(await requireServer(dataDirOf(options)));
    show(options, await api.call<Clock>("POST", "/clock/v1/clock:advance", body));
  });
}

function withOptions(command: Command): Command {
  command.addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"));
  return withSettings(command, ["dataDir"]);
}

function show(options: Options, clock: Clock): void {
  const how = clock.mode === "SYSTEM" ? "the system's" : `${clock.ahead} ahead of the system's`;
  print(options, clock, () => `${clock.time}  (${how})`);
}

/** Seconds of a time such as "1h30m". */
function secondsOf(text: string): number {
  if (!/^(\d+[smhd])+$/.test(text)) throw new CliError(`${JSON.stringify(text)} is no time, such as 90s, 10m or 1h30m`);
  return [...text.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * SECONDS[unit!]!,
    0,
  );
}
