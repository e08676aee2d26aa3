import type { RunContext } from "../context.ts";
import { formatLocationName, lastSegment } from "../names.ts";
import type { ServiceRecord } from "../store.ts";
import { conditionToKnative } from "./conditions.ts";
import { findService } from "./find.ts";
import { knativeList } from "./lists.ts";
import type { V1Request } from "./request.ts";
import { objectMetadata, serviceToKnative, trafficStatus } from "./service.ts";

const OBJECT = { apiVersion: "serving.knative.dev/v1" } as const;

/** GET configurations. A service has one configuration, of its own name: its template. */
export const listConfigurations = (context: RunContext, at: V1Request) =>
  listServicesAs(context, at, "Configuration", configurationOf);

/** GET configurations/NAME. */
export const getConfiguration = async (context: RunContext, at: V1Request) =>
  configurationOf(await findService(context, at));

/** GET routes. A service has one route, of its own name: its traffic. */
export const listRoutes = (context: RunContext, at: V1Request) => listServicesAs(context, at, "Route", routeOf);

/** GET routes/NAME. */
export const getRoute = async (context: RunContext, at: V1Request) => routeOf(await findService(context, at));

function listServicesAs(
  { rows }: RunContext,
  at: V1Request,
  kind: string,
  toKnative: typeof configurationOf | typeof routeOf,
): Promise<object> {
  const parent = formatLocationName(at);
  return knativeList(at.url, kind, parent, rows.allServices, toKnative);
}

function configurationOf(record: ServiceRecord) {
  const { service } = record;
  return {
    ...OBJECT,
    kind: "Configuration",
    metadata: metadataOf(record, "configurations"),
    spec: { template: serviceToKnative(record).spec.template },
    status: {
      observedGeneration: Number(service.generation),
      conditions: readyFrom(record, "ConfigurationsReady"),
      latestCreatedRevisionName: lastSegment(service.latestCreatedRevision),
      ...(service.latestReadyRevision !== "" && { latestReadyRevisionName: lastSegment(service.latestReadyRevision) }),
    },
  };
}

function routeOf(record: ServiceRecord) {
  const { service } = record;
  return {
    ...OBJECT,
    kind: "Route",
    metadata: metadataOf(record, "routes"),
    spec: { traffic: serviceToKnative(record).spec.traffic },
    status: {
      observedGeneration: Number(service.generation),
      conditions: readyFrom(record, "RoutesReady"),
      traffic: trafficStatus(service),
      ...(service.uri !== "" && { url: service.uri, address: { url: service.uri } }),
    },
  };
}

function metadataOf(record: ServiceRecord, plural: string) {
  const { service } = record;
  const { metadata } = serviceToKnative(record);
  const id = lastSegment(service.name);
  const labels = { ...metadata.labels, "serving.knative.dev/service": id };
  return { ...metadata, ...objectMetadata(service, plural, id), labels };
}

function readyFrom({ service }: ServiceRecord, type: string) {
  const own = service.conditions.filter((condition) => condition.type === type);
  return own.map((condition) => ({ ...conditionToKnative(condition), type: "Ready" }));
}
