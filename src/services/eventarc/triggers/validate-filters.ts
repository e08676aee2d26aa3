import type { EventFilter, Trigger } from "../../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import {
  invalidAttribute,
  invalidFilter,
  invalidRequest,
  missingFilter,
  notInGlobalLocation,
  unknownEventType,
} from "../errors.ts";
import { readPathPattern } from "../../../wire/filter/path-pattern.ts";
import { type EventType, findEventType } from "../providers/catalog.ts";
import { PATH_PATTERN, typeOf } from "./filters.ts";

/** Names of attributes in the CloudEvents specification; Eventarc's own ones have capitals, too. */
const ATTRIBUTE_NAME = /^[a-zA-Z0-9]{1,64}$/;

/** Rejects filters that events of the trigger's type or channel cannot pass, or that Eventarc does not have. */
export function validateFilters(trigger: Trigger, location: string): void {
  for (const filter of trigger.eventFilters) checkFilter(filter);
  const names = trigger.eventFilters.map(({ attribute }) => attribute);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw invalidFilter(repeated, "the attribute is repeated");
  const type = typeOf(trigger);
  if (type === "") throw missingFilter("type");
  // What a channel carries is named by its provider or by the customer.
  if (trigger.channel !== "") return;
  const eventType = findEventType(type);
  if (!eventType) throw unknownEventType(type);
  if (location === "global" && !eventType.isGlobal) throw notInGlobalLocation(type);
  checkAttributes(eventType, trigger.eventFilters);
}

/** The encoding of the data that a trigger asks for; rejects one that its events do not have. */
export function checkContentType(trigger: Trigger): void {
  const asked = trigger.eventDataContentType;
  const offered = trigger.channel ? ["application/json", "application/protobuf"] : contentTypesOf(typeOf(trigger));
  const isDefault = asked === "" && offered.includes("application/json");
  if (!isDefault && !offered.includes(asked))
    throw invalidRequest(
      "trigger.event_data_content_type",
      `invalid value for trigger.event_data_content_type: "${asked}" is not supported by this event type`,
    );
}

function contentTypesOf(type: string): readonly string[] {
  return findEventType(type)?.contentTypes ?? [];
}

function checkFilter({ attribute, value, operator }: EventFilter): void {
  if (attribute === "")
    throw invalidRequest("trigger.event_filters", "an attribute in trigger.event_filters is missing");
  if (!ATTRIBUTE_NAME.test(attribute)) throw invalidFilter(attribute, "the attribute is not a CloudEvents attribute");
  if (value === "") throw invalidFilter(attribute, "the value is empty");
  if (operator === "") return;
  if (operator !== PATH_PATTERN) throw invalidFilter(attribute, `operator "${operator}" is not supported`);
  if (attribute === "type") throw invalidFilter(attribute, `operator "${operator}" is not supported by this attribute`);
  const { problem } = readPathPattern(value);
  if (problem !== undefined) throw invalidFilter(attribute, `"${value}" is not a valid path pattern: ${problem}`);
}

function checkAttributes({ type, attributes }: EventType, filters: readonly EventFilter[]): void {
  for (const { attribute, operator } of filters.filter((filter) => filter.attribute !== "type")) {
    const known = attributes.find((each) => each.attribute === attribute);
    if (!known) throw invalidAttribute(attribute, type);
    if (operator === PATH_PATTERN && !known.pathPatternSupported)
      throw invalidFilter(attribute, `operator "${operator}" is not supported by this attribute`);
  }
  const missing = attributes.find(
    ({ required, attribute }) => required && !filters.some((filter) => filter.attribute === attribute),
  );
  if (missing) throw missingFilter(missing.attribute);
}
