import { create } from "@bufbuild/protobuf";
import {
  EventTypeSchema,
  FilteringAttributeSchema,
  type Provider as ProviderMessage,
  ProviderSchema,
} from "../../../gen/google/cloud/eventarc/v1/discovery_pb.js";
import type { EventType, Provider } from "./catalog.ts";

const SCHEMAS = "https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events";

/** A provider as the API answers it, in a location. */
export function providerMessage(location: string, { id, displayName, eventTypes }: Provider): ProviderMessage {
  const name = `${location}/providers/${id}`;
  return create(ProviderSchema, { name, displayName, eventTypes: eventTypes.map(eventTypeMessage) });
}

/** The URI of the schema of a type's data, which is in "dataschema" of its events. */
export function schemaUriOf({ schema }: Pick<EventType, "schema">): string {
  return `${SCHEMAS}/${schema}`;
}

function eventTypeMessage(eventType: EventType) {
  const { type, description, attributes } = eventType;
  const all = [...attributes, { attribute: "type", description: "", required: true, pathPatternSupported: false }];
  const filteringAttributes = all
    .toSorted((one, other) => (one.attribute < other.attribute ? -1 : 1))
    .map((each) => create(FilteringAttributeSchema, each));
  return create(EventTypeSchema, { type, description, filteringAttributes, eventSchemaUri: schemaUriOf(eventType) });
}
