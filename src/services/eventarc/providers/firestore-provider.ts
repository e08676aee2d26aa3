import { attribute } from "./attributes.ts";
import type { EventType, FilteringAttribute, Provider } from "./catalog.ts";

const VERBS = {
  created: "created",
  updated: "updated",
  deleted: "deleted",
  written: "created, updated or deleted",
} as const;
/** Google has no default here: a trigger must say that it takes protobuf. */
const PROTOBUF_ONLY = ["application/protobuf"];

const DATABASE = [
  attribute("database", 'The Firestore database name. The default database name is "(default)".', { required: true }),
  attribute(
    "namespace",
    'The Firestore database namespace. Applicable to database instances running in Datastore mode only. The default namespace is "(default)".',
    { pathPatternSupported: true },
  ),
];
const DOCUMENT = attribute("document", "Pattern to match for the resource.", { pathPatternSupported: true });
const ENTITY = attribute("entity", "Pattern to match for the resource.", { pathPatternSupported: true });

/** Firestore, in both of its modes. */
export const firestoreProvider: Provider = {
  id: "firestore.googleapis.com",
  displayName: "Cloud Firestore",
  eventTypes: [
    ...eventsOf("google.cloud.firestore.document.v1", "document", DOCUMENT, "cloud/firestore/v1/data.proto"),
    ...eventsOf("google.cloud.datastore.entity.v1", "entity", ENTITY, "cloud/datastore/v1/data.proto"),
  ],
};

function eventsOf(prefix: string, noun: string, pattern: FilteringAttribute, schema: string): EventType[] {
  return Object.entries(VERBS).flatMap(([verb, text]) =>
    ["", ".withAuthContext"].map((suffix): EventType => {
      const withContext = suffix === "" ? "" : ", with the authentication context of whoever did it";
      return {
        type: `${prefix}.${verb}${suffix}`,
        description: `A Firestore ${noun} has been ${text}${withContext}.`,
        attributes: [...DATABASE, pattern],
        schema,
        origin: "PUBLISHED",
        contentTypes: PROTOBUF_ONLY,
        isGlobal: false,
      };
    }),
  );
}
