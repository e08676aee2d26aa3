import { Command } from "commander";
import { type EventOptions, eventsApi, idOf, printEvents, withEventOptions } from "./context.ts";
import type { EventJson } from "./event.ts";
import { table } from "./table.ts";

interface ListOptions extends EventOptions {
  readonly function?: string;
  readonly subscription?: string;
  readonly trigger?: string;
  readonly failed?: true;
  readonly limit: string;
}

const TITLES = ["TIME", "EVENT", "SUBSCRIPTION", "TYPE", "OUTCOME", "STATUS", "ATTEMPTS", "LATENCY"];

/** homerun events list: the events with the newest attempts first. */
export function listCommand(): Command {
  const command = new Command("list")
    .description("List events that were delivered by push, those with the newest attempts first.")
    .option("--function <id>", "only those for a function or Cloud Run service")
    .option("--subscription <id>", "only those of a Pub/Sub subscription")
    .option("--trigger <id>", "only those of an Eventarc trigger")
    .option("--failed", "only those whose last attempt was no success")
    .option("--limit <n>", "how many", "50");
  return withEventOptions(command).action(async (options: ListOptions) => {
    const api = await eventsApi(options);
    const query = new URLSearchParams({ limit: options.limit });
    if (options.function !== undefined) query.set("service", options.function);
    if (options.subscription !== undefined) query.set("subscription", options.subscription);
    if (options.trigger !== undefined) query.set("trigger", options.trigger);
    if (options.failed === true) query.set("failed", "true");
    const { events } = await api.call<{ events: EventJson[] }>("GET", `events?${query.toString()}`);
    printEvents(options, events, () => (events.length > 0 ? table(TITLES, events.map(rowOf)) : "No events on record."));
  });
}

function rowOf({ messageId, subscription, event, outcome, attempts }: EventJson): string[] {
  const last = attempts.at(-1)!;
  const status = last.httpStatus === undefined ? "-" : String(last.httpStatus);
  const type = event?.type ?? "-";
  return [last.startTime, messageId, idOf(subscription), type, outcome, status, String(attempts.length), last.latency];
}
