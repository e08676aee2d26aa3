import { attribute, JSON_OR_PROTOBUF } from "./attributes.ts";
import type { EventType, Provider } from "./catalog.ts";
import { DIRECT_EVENTS } from "./direct-events.ts";

const HEADING = /^(\S+) \| (.+) \| (\S+)$/;
const EVENTS = /^ {2}(\S+) (.+) \((.*)\)$/;

/** Providers of direct events that reach homerun by the publishing API only. */
export const directProviders: readonly Provider[] = readProviders(DIRECT_EVENTS.trim().split("\n"));

function readProviders(lines: readonly string[]): Provider[] {
  const providers = new Map<string, { id: string; displayName: string; eventTypes: EventType[] }>();
  let current = { folder: "", eventTypes: [] as EventType[] };
  for (const line of lines) {
    const [, host, displayName, folder] = HEADING.exec(line) ?? [];
    if (host === undefined) {
      current.eventTypes.push(...eventTypesOf(line, current.folder));
      continue;
    }
    const id = `${host}.googleapis.com`;
    const provider = providers.get(id) ?? { id, displayName: displayName!, eventTypes: [] };
    providers.set(id, provider);
    current = { folder: folder!, eventTypes: provider.eventTypes };
  }
  return [...providers.values()];
}

function eventTypesOf(line: string, folder: string): EventType[] {
  const [, prefix, verbs, attributes] = EVENTS.exec(line) as unknown as [string, string, string, string];
  const resource = prefix.split(".").at(-2)!;
  const names = attributes.split(" ").filter((name) => name !== "");
  return verbs.split(" ").map((verb) => ({
    type: `${prefix}.${verb}`,
    description: `${/^[aeiou]/.test(resource) ? "An" : "A"} ${spaced(resource)} has been ${spaced(verb)}.`,
    attributes: names.map((name) =>
      attribute(name, `The resource ID of the ${name} triggering the event.`, { pathPatternSupported: true }),
    ),
    schema: `${folder}/data.proto`,
    origin: "PUBLISHED",
    contentTypes: JSON_OR_PROTOBUF,
    isGlobal: true,
  }));
}

/** "deliveryPipeline" as "delivery pipeline". */
function spaced(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
