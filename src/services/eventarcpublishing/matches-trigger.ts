import type { EventFilter, Trigger } from "../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import { matchesPathPattern } from "../../wire/filter/path-pattern.ts";
import type { PublishedEvent } from "./event.ts";

/** Whether an event passes all filters of a trigger; an attribute that it does not have passes none. */
export function matchesTrigger(event: PublishedEvent, { eventFilters }: Pick<Trigger, "eventFilters">): boolean {
  return eventFilters.every((filter) => passes(event, filter));
}

function passes(event: PublishedEvent, { attribute, value: wanted, operator }: EventFilter): boolean {
  const value = valueOf(event, attribute);
  if (value === undefined) return false;
  return operator === "match-path-pattern" ? matchesPathPattern(wanted, value) : value === wanted;
}

/** Filters name some attributes with capitals ("serviceName"), events never do. */
function valueOf({ id, source, type, contentType, attributes }: PublishedEvent, attribute: string) {
  const name = attribute.toLowerCase();
  const own: Readonly<Record<string, string>> = { id, source, type, specversion: "1.0", datacontenttype: contentType };
  return own[name] ?? attributes[name];
}
