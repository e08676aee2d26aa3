import { Command } from "commander";
import { type EventOptions, eventsApi, printEvents, withEventOptions } from "./context.ts";
import { attemptLine, type EventJson, eventPath } from "./event.ts";

const SHOWN_DATA = 4_000;

/** homerun events show: an event with its message and every attempt. */
export function showCommand(): Command {
  const command = new Command("show")
    .description("Show an event: its message, and each attempt to deliver it.")
    .argument("<event>", "id, as the list shows it")
    .option("--subscription <id>", "of which subscription, where several got the message");
  return withEventOptions(command).action(async (id: string, options: EventOptions & { subscription?: string }) => {
    const api = await eventsApi(options);
    const event = await api.call<EventJson>("GET", eventPath(id, options.subscription));
    printEvents(options, event, () => textOf(event));
  });
}

function textOf({ messageId, subscription, publishTime, event, message, outcome, attempts }: EventJson): string {
  const attributes = Object.entries(message?.attributes ?? {});
  const facts = [
    ["event", messageId],
    ["subscription", subscription],
    ["published", publishTime],
    ["type", event?.type],
    ["source", event?.source],
    ["subject", event?.subject],
    ["outcome", outcome],
    ...attributes.map(([name, value]) => [`attribute ${name}`, value]),
  ].filter(([, value]) => value !== undefined);
  return [
    ...facts.map(([name, value]) => `${`${name}:`.padEnd(14)} ${value}`),
    "data:",
    indented(dataOf(message?.data)),
    "attempts:",
    indented(attempts.map(attemptLine).join("\n")),
  ].join("\n");
}

function dataOf(data: string | undefined): string {
  const bytes = Buffer.from(data ?? "", "base64");
  if (bytes.length === 0) return "(none)";
  const text = bytes.toString();
  const isText = Buffer.from(text).equals(bytes);
  const shown = isText ? text : bytes.toString("hex");
  return shown.length <= SHOWN_DATA ? shown : `${shown.slice(0, SHOWN_DATA)}... (${bytes.length} bytes)`;
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
