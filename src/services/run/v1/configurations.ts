import { createHash } from "node:crypto";
import { formatLocationName, lastSegment } from "../names.ts";
import { type ServiceRecord, serviceOf, SERVICES_TABLE } from "../store.ts";
import type { Collection } from "./collection.ts";
import { conditionToKnative } from "./conditions.ts";
import { objectMetadata, serviceToKnative, trafficStatus } from "./service.ts";
import { READY_COLUMNS } from "./tables.ts";

const OBJECT = { apiVersion: "serving.knative.dev/v1" } as const;
const OF_SERVICES = {
  ...OBJECT,
  table: SERVICES_TABLE,
  parentOf: formatLocationName,
  listing: ({ rows }) => rows.allServices,
  itemOf: serviceOf,
} satisfies Partial<Collection<ServiceRecord>>;

/** A service has one configuration, of its own name: its template. It is read-only, as in Cloud Run. */
export const CONFIGURATIONS: Collection<ServiceRecord> = {
  ...OF_SERVICES,
  kind: "Configuration",
  plural: "configurations",
  toKnative: configurationOf,
  columns: [
    {
      name: "LatestCreated",
      type: "string",
      of: ({ status }: ReturnType<typeof configurationOf>) => status.latestCreatedRevisionName,
    },
    {
      name: "LatestReady",
      type: "string",
      of: ({ status }: ReturnType<typeof configurationOf>) => status.latestReadyRevisionName,
    },
    ...READY_COLUMNS,
  ],
};

/** A service has one route, of its own name: its traffic. It is read-only, as in Cloud Run. */
export const ROUTES: Collection<ServiceRecord> = {
  ...OF_SERVICES,
  kind: "Route",
  plural: "routes",
  toKnative: routeOf,
  columns: [
    { name: "URL", type: "string", of: ({ status }: ReturnType<typeof routeOf>) => status.url },
    ...READY_COLUMNS,
  ],
};

/** The uid of an object that is a part of its service: as random as the service's, and always the same. */
export function partUid(serviceUid: string, kind: "Configuration" | "Route"): string {
  const bytes = createHash("sha256").update(`${kind}/${serviceUid}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function configurationOf(record: ServiceRecord) {
  const { service } = record;
  const { latestCreatedRevision, latestReadyRevision } = service;
  return {
    ...OBJECT,
    kind: "Configuration",
    metadata: metadataOf(record, "Configuration"),
    spec: { template: serviceToKnative(record).spec.template },
    status: {
      observedGeneration: Number(service.generation),
      conditions: readyFrom(record, "ConfigurationsReady"),
      ...(latestCreatedRevision !== "" && { latestCreatedRevisionName: lastSegment(latestCreatedRevision) }),
      ...(latestReadyRevision !== "" && { latestReadyRevisionName: lastSegment(latestReadyRevision) }),
    },
  };
}

function routeOf(record: ServiceRecord) {
  const { service } = record;
  return {
    ...OBJECT,
    kind: "Route",
    metadata: metadataOf(record, "Route"),
    spec: { traffic: serviceToKnative(record).spec.traffic },
    status: {
      observedGeneration: Number(service.generation),
      conditions: readyFrom(record, "RoutesReady"),
      traffic: trafficStatus(service),
      ...(service.uri !== "" && { url: service.uri, address: { url: service.uri } }),
    },
  };
}

function metadataOf(record: ServiceRecord, kind: "Configuration" | "Route") {
  const { service } = record;
  const { metadata } = serviceToKnative(record);
  const [name, { uid }] = [lastSegment(service.name), service];
  const owner = { ...OBJECT, kind: "Service", name, uid, controller: true, blockOwnerDeletion: true };
  return {
    ...metadata,
    ...objectMetadata(service, `${kind.toLowerCase()}s`, name),
    uid: partUid(uid, kind),
    labels: { ...metadata.labels, "serving.knative.dev/service": name, "serving.knative.dev/serviceUid": uid },
    ownerReferences: [owner],
  };
}

function readyFrom({ service }: ServiceRecord, type: string) {
  const own = service.conditions.filter((condition) => condition.type === type);
  return own.map((condition) => ({ ...conditionToKnative(condition), type: "Ready" }));
}
