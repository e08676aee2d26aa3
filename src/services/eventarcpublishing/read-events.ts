import { fromBinary } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { CloudEventSchema } from "../../gen/google/cloud/eventarc/publishing/v1/cloud_event_pb.js";
import { CLOUD_EVENT_TYPE } from "./cloud-events-file.ts";
import { invalidRequest } from "./errors.ts";
import type { PublishedEvent } from "./event.ts";
import { MAX_ATTRIBUTE_BYTES, MAX_ATTRIBUTE_NAME, MAX_ATTRIBUTES, MAX_EVENT_BYTES } from "./limits.ts";
import { eventFromJson } from "./read-json-event.ts";
import { eventFromProto } from "./read-proto-event.ts";

const ATTRIBUTE_NAME = /^[a-z0-9]+$/;

/** What the requests of the publishing API carry. */
export interface EventsRequest {
  readonly events: readonly Any[];
  readonly textEvents: readonly string[];
}

/** The events of a request, in either of its forms; INVALID_ARGUMENT for what is no event of CloudEvents 1.0. */
export function readEvents({ events, textEvents }: EventsRequest): PublishedEvent[] {
  if (events.length > 0 && textEvents.length > 0)
    throw invalidRequest("events", "events and text_events cannot both be set");
  if (events.length + textEvents.length === 0) throw invalidRequest("events", "there are no events");
  const packed = events.map((event, index) => checkedEvent(`events[${index}]`, unpacked(event, `events[${index}]`)));
  const texts = textEvents.map((text, index) =>
    checkedEvent(`text_events[${index}]`, eventFromJson(text, `text_events[${index}]`)),
  );
  return [...packed, ...texts];
}

function unpacked({ typeUrl, value }: Any, field: string): PublishedEvent {
  const type = typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
  if (type !== CLOUD_EVENT_TYPE && type !== CloudEventSchema.typeName)
    throw invalidRequest(field, `the type of an event must be ${CLOUD_EVENT_TYPE}, not ${type}`);
  return eventFromProto(fromBinary(CloudEventSchema, value), field);
}

/** Rejects an event that lacks what every event has, or is too large. */
export function checkedEvent(field: string, event: PublishedEvent): PublishedEvent {
  for (const name of ["id", "source", "type"] as const)
    if (event[name] === "") throw invalidRequest(`${field}.${name}`, `the attribute "${name}" of an event is required`);
  checkAttributes(field, event);
  if (event.data.length > MAX_EVENT_BYTES)
    throw invalidRequest(field, `the data of an event exceeds ${MAX_EVENT_BYTES} bytes`);
  return event;
}

function checkAttributes(field: string, { id, source, type, contentType, attributes }: PublishedEvent): void {
  const names = Object.keys(attributes);
  if (names.length > MAX_ATTRIBUTES) throw invalidRequest(field, `an event has more than ${MAX_ATTRIBUTES} attributes`);
  const badName = names.find((name) => !ATTRIBUTE_NAME.test(name) || name.length > MAX_ATTRIBUTE_NAME);
  if (badName !== undefined) throw invalidRequest(field, `invalid name of an attribute "${badName}"`);
  const values = Object.entries({ ...attributes, id, source, type, datacontenttype: contentType });
  const long = values.find(([, value]) => Buffer.byteLength(value) > MAX_ATTRIBUTE_BYTES);
  if (long) throw invalidRequest(field, `the attribute "${long[0]}" exceeds ${MAX_ATTRIBUTE_BYTES} bytes`);
}
