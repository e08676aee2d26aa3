import { principalEmail } from "../../../wire/credentials/principal.ts";
import { aborted, invalidArgument } from "../../../wire/errors.ts";
import { createService, deleteService, plannedRecord, updateService, validWish, type Wish } from "../services/apply.ts";
import type { RunContext } from "../context.ts";
import { versionConflict } from "../services/errors.ts";
import { MAX_SERVICE_NAME } from "../limits.ts";
import { formatLocationName, formatServiceName } from "../names.ts";
import { changedService } from "../services/service.ts";
import { type ServiceRecord, serviceOf, SERVICES_TABLE } from "../store.ts";
import { checkBody } from "./check-body.ts";
import type { Collection } from "./collection.ts";
import { deletedStatus, deletionOf } from "./delete-options.ts";
import { findService } from "./find.ts";
import type { KnativeMetadata, KnativeService } from "./knative.ts";
import { v1Naming } from "./naming.ts";
import { isDryRun, jsonBodyOf, projectIdOf, type V1Request } from "./request.ts";
import { resourceVersionOf } from "./resource-version.ts";
import { locationFor } from "./location-for.ts";
import { serviceToKnative, wishFromKnative } from "./service.ts";
import { SERVICE_SHAPE } from "./shapes.ts";
import { READY_COLUMNS } from "./tables.ts";

const NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

type Shown = Omit<KnativeService, "status"> & { status: Partial<Record<string, string>> };

/** Services; their columns are Knative's. */
export const SERVICES: Collection<ServiceRecord> = {
  apiVersion: "serving.knative.dev/v1",
  kind: "Service",
  plural: "services",
  table: SERVICES_TABLE,
  parentOf: formatLocationName,
  listing: ({ rows }) => rows.shownServices,
  itemOf: serviceOf,
  toKnative: serviceToKnative,
  columns: [
    { name: "URL", type: "string", of: ({ status }: Shown) => status["url"] },
    { name: "LatestCreated", type: "string", of: ({ status }: Shown) => status["latestCreatedRevisionName"] },
    { name: "LatestReady", type: "string", of: ({ status }: Shown) => status["latestReadyRevisionName"] },
    ...READY_COLUMNS,
  ],
};

/** POST services: creates; with dryRun=all nothing is stored. */
export async function postService(context: RunContext, at: V1Request): Promise<object> {
  const body = await serviceBody(context, at);
  const service = body.metadata.name ?? "";
  checkName(service);
  const location = locationFor(at, body.metadata);
  const name = formatServiceName({ project: at.project, location, service });
  const wish = validWish(wishFromKnative(name, body), v1Naming);
  const email = principalEmail(at.call.principal);
  if (isDryRun(at.url)) return serviceToKnative(plannedRecord(context, wish, email));
  return serviceToKnative((await createService(context, wish, email)).record);
}

/** PUT services/NAME: replaces everything but what the server writes; with dryRun=all nothing is stored. */
export async function putService(context: RunContext, at: V1Request): Promise<object> {
  const body = await serviceBody(context, at);
  if ((body.metadata.name ?? at.name) !== at.name) {
    const description = `The name of the object (${body.metadata.name}) does not match the name on the URL (${at.name}).`;
    throw invalidArgument(description, [{ field: "metadata.name", description }]);
  }
  const found = await findService(context, at);
  const wishOf = (current: ServiceRecord): Wish => {
    checkVersion(current, body.metadata);
    return validWish(wishFromKnative(current.service.name, body), v1Naming);
  };
  const email = principalEmail(at.call.principal);
  if (isDryRun(at.url)) {
    const wish = wishOf(found);
    const service = changedService(found.service, wish.service, { email, nowMs: context.clock.nowMs() });
    return serviceToKnative({ ...found, service });
  }
  return serviceToKnative((await updateService(context, found.service.name, wishOf, email)).record);
}

/** DELETE services/NAME. */
export async function removeService(context: RunContext, at: V1Request): Promise<object> {
  const { dryRun, check } = await deletionOf(at);
  const found = await findService(context, at);
  check(serviceToKnative(found));
  const email = principalEmail(at.call.principal);
  const checkAgain = (current: ServiceRecord) => check(serviceToKnative(current));
  if (!dryRun) await deleteService(context, found.service.name, checkAgain, email);
  return deletedStatus(serviceToKnative(found));
}

async function serviceBody(context: RunContext, at: V1Request): Promise<KnativeService> {
  const body = checkBody(SERVICE_SHAPE, await jsonBodyOf(at.request), "service") as Partial<KnativeService>;
  requireValue("apiVersion", body.apiVersion, "serving.knative.dev/v1");
  requireValue("kind", body.kind, "Service");
  const { metadata = {}, spec } = body;
  if (!spec?.template) {
    throw invalidArgument("spec.template: required field not present.", [
      { field: "spec.template", description: "required field not present." },
    ]);
  }
  if (metadata.namespace && (await projectIdOf(context, metadata.namespace)) !== at.project) {
    const description = `The namespace of the object (${metadata.namespace}) does not match the namespace on the URL (${at.project}).`;
    throw invalidArgument(description, [{ field: "metadata.namespace", description }]);
  }
  return { apiVersion: "serving.knative.dev/v1", kind: "Service", metadata, spec };
}

function requireValue(field: string, value: string | undefined, expected: string): void {
  if (value === expected) return;
  const description = `must be ${expected}.`;
  throw invalidArgument(`${field}: ${description}`, [{ field, description }]);
}

function checkName(name: string): void {
  if (NAME.test(name) && name.length <= MAX_SERVICE_NAME) return;
  const field = "service.metadata.name";
  const description =
    "only lowercase, digits, and hyphens; must begin with letter, and may not end with hyphen; must be less than 50 characters.";
  throw invalidArgument(`${field}: ${description}`, [{ field, description }]);
}

function checkVersion({ service, sequence }: ServiceRecord, given: KnativeMetadata): void {
  const current = resourceVersionOf(sequence);
  const { resourceVersion, uid } = given;
  if (resourceVersion && resourceVersion !== current) throw versionConflict(service.name, resourceVersion, current);
  if (!uid || uid === service.uid) return;
  throw aborted(`Precondition failed: UID in precondition: ${uid}, UID in object meta: ${service.uid}`);
}
