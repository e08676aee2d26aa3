import { Command, InvalidArgumentError, Option } from "commander";
import { CliError } from "../cli-error.ts";
import { type EventOptions, eventsApi, idOf, printEvents, withEventOptions } from "./context.ts";
import { table } from "./table.ts";

interface FaultsJson {
  readonly subscription: string;
  readonly duplicatePercent?: number;
  readonly dropPercent?: number;
  readonly delay?: string;
  readonly reorder?: boolean;
  readonly count?: number;
  readonly seed?: number;
}

interface SetOptions extends EventOptions {
  readonly duplicate?: number;
  readonly drop?: number;
  readonly delay?: string;
  readonly reorder?: true;
  readonly count?: number;
  readonly seed?: number;
}

/** homerun faults: make deliveries go wrong, to see how code takes it. */
export function faultsCommand(): Command {
  return new Command("faults")
    .description("Make a subscription's deliveries arrive twice, late, in another order or not at all.")
    .addCommand(setCommand())
    .addCommand(listCommand())
    .addCommand(clearCommand());
}

function setCommand(): Command {
  const command = new Command("set")
    .description("Say what goes wrong from now on; replaces what was said before.")
    .argument("<subscription>", "subscription id")
    .addOption(new Option("--duplicate <percent>", "how many messages arrive twice: 20%").argParser(percent))
    .addOption(new Option("--drop <percent>", "how many deliveries are lost, and come again: 10%").argParser(percent))
    .addOption(new Option("--delay <time>", "how much later each arrives: 2s, 500ms").argParser(duration))
    .option("--reorder", "let deliveries overtake each other")
    .addOption(new Option("--count <n>", "end after so many deliveries").argParser(Number))
    .addOption(new Option("--seed <n>", "the same seed makes the same faults").argParser(Number));
  return withEventOptions(command).action(async (id: string, options: SetOptions) => {
    const { duplicate: duplicatePercent, drop: dropPercent, delay, reorder, count, seed } = options;
    if ([duplicatePercent, dropPercent, delay, reorder].every((each) => each === undefined))
      throw new CliError("say what goes wrong: --duplicate, --drop, --delay or --reorder");
    const faults = { duplicatePercent, dropPercent, delay, reorder, count, seed };
    const answer = await (await eventsApi(options)).call<FaultsJson>("PUT", pathOf(id), faults);
    printEvents(options, answer, () => `${idOf(answer.subscription)}: ${textOf(answer)}`);
  });
}

function listCommand(): Command {
  const command = new Command("list").description("List what goes wrong on request.");
  return withEventOptions(command).action(async (options: EventOptions) => {
    const { faults } = await (await eventsApi(options)).call<{ faults: FaultsJson[] }>("GET", "faults");
    const rows = faults.map((each) => [idOf(each.subscription), textOf(each)]);
    printEvents(options, faults, () => (rows.length > 0 ? table(["SUBSCRIPTION", "FAULTS"], rows) : "No faults."));
  });
}

function clearCommand(): Command {
  const command = new Command("clear")
    .description("Let everything go well again.")
    .argument("<subscription>", "subscription id");
  return withEventOptions(command).action(async (id: string, options: EventOptions) => {
    await (await eventsApi(options)).call("DELETE", pathOf(id));
    printEvents(options, {}, () => `${id}: no faults`);
  });
}

function pathOf(id: string): string {
  return `subscriptions/${encodeURIComponent(idOf(id))}/faults`;
}

function textOf({ duplicatePercent, dropPercent, delay, reorder, count, seed }: FaultsJson): string {
  const parts = [
    duplicatePercent === undefined ? "" : `duplicate ${duplicatePercent}%`,
    dropPercent === undefined ? "" : `drop ${dropPercent}%`,
    delay === undefined ? "" : `delay ${delay}`,
    reorder === true ? "reorder" : "",
    count === undefined ? "" : `for ${count} deliveries`,
    seed === undefined ? "" : `seed ${seed}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function percent(text: string): number {
  const [, number] = /^(\d+(?:\.\d+)?)%?$/.exec(text) ?? [];
  if (number === undefined || Number(number) > 100) throw new InvalidArgumentError("It is no percentage, such as 20%.");
  return Number(number);
}

/** As the API takes it: seconds. */
function duration(text: string): string {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError("It is no time, such as 2s, 500ms or 1m.");
  return `${Number(number) * (unit === "ms" ? 0.001 : unit === "m" ? 60 : 1)}s`;
}
