import { create } from "@bufbuild/protobuf";
import { type Service, type Services } from "../../../gen/google/cloud/run/v2/service_pb.js";
import {
  type TrafficTarget,
  TrafficTargetAllocationType as Allocation,
  TrafficTargetSchema,
} from "../../../gen/google/cloud/run/v2/traffic_target_pb.js";
import type { Revisions } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { systemClock } from "../../../platform/clock.ts";
import type { Ids } from "../../../platform/ids.ts";
import { failedPrecondition, notFound } from "../../../wire/errors.ts";
import type { Client } from "../../../wire/in-process/client.ts";

export interface RevisionUrlDeps {
  readonly services: Client<typeof Services>;
  readonly revisions: Client<typeof Revisions>;
  readonly ids: Ids;
  /** "projects/P": where the service is. */
  readonly project: string;
}

/** What no traffic targets mean. */
const ALL_TO_LATEST = create(TrafficTargetSchema, { type: Allocation.LATEST, percent: 100 });
/** Real time: the caller waits in it, however the server's time is moved. */
const LOOK_EVERY_MS = 50;
const READY_WITHIN_MS = 60_000;

/**
 * Calls `use` with the endpoint as one revision of its service has it: by the revision's tag, which is made for the time
 * of the call when the revision has none. Rejects when no service of the server is at the endpoint.
 */
export async function withRevisionUrl<Result>(
  deps: RevisionUrlDeps,
  endpoint: string,
  revision: string,
  use: (endpoint: string) => Promise<Result>,
): Promise<Result> {
  const found = await serviceAt(deps, endpoint);
  const tagged = tagUriOf(found, revision);
  if (tagged !== undefined) return use(moved(endpoint, found, tagged));
  // NOT_FOUND, before the service is changed for nothing.
  await deps.revisions.getRevision({ name: `${found.name}/revisions/${revision}` });
  const tag = `replay-${deps.ids.text(6)}`;
  await changeTraffic(deps, found.name, (traffic) => [
    ...traffic,
    create(TrafficTargetSchema, { type: Allocation.REVISION, revision, tag }),
  ]);
  try {
    const service = await untilTagged(deps, found.name, revision);
    return await use(moved(endpoint, service, tagUriOf(service, revision)!));
  } finally {
    await changeTraffic(deps, found.name, (traffic) => traffic.filter((target) => target.tag !== tag));
  }
}

async function serviceAt({ services, project }: RevisionUrlDeps, endpoint: string): Promise<Service> {
  const url = new URL(endpoint);
  const isAt = (service: Service) => service.urls.some((each) => isBelow(url, new URL(each)));
  for (let pageToken = ""; ;) {
    const page = await services.listServices({ parent: `${project}/locations/-`, pageToken });
    const found = page.services.find(isAt);
    if (found !== undefined) return found;
    pageToken = page.nextPageToken;
    if (pageToken === "") throw notFound(endpoint, `No Cloud Run service of ${project} is at ${url.origin}.`);
  }
}

/** Whether an URL is one of a service's, or below it: functions' URLs have paths. */
function isBelow(url: URL, base: URL): boolean {
  const path = base.pathname.replace(/\/$/, "");
  return url.host === base.host && (url.pathname === path || url.pathname.startsWith(`${path}/`));
}

/** The URL of a tag that leads to the revision. */
function tagUriOf({ trafficStatuses }: Service, revision: string): string | undefined {
  return trafficStatuses.find((target) => target.revision === revision && target.uri !== "")?.uri;
}

/** The endpoint with the host of a tag. Functions are reached below their path; by tags, at the root. */
function moved(endpoint: string, service: Service, tagUri: string): string {
  const url = new URL(endpoint);
  const base = service.urls.map((each) => new URL(each)).find((each) => isBelow(url, each));
  const path = url.pathname.slice((base?.pathname ?? "/").replace(/\/$/, "").length);
  return `${tagUri}${path || "/"}${url.search}`;
}

async function changeTraffic(
  { services }: RevisionUrlDeps,
  name: string,
  change: (traffic: readonly TrafficTarget[]) => TrafficTarget[],
): Promise<void> {
  const service = await services.getService({ name });
  // The etag makes a change in between an error, and not undone.
  await services.updateService({
    service: { ...service, traffic: change(service.traffic.length > 0 ? service.traffic : [ALL_TO_LATEST]) },
    updateMask: { paths: ["traffic"] },
  });
}

async function untilTagged(deps: RevisionUrlDeps, name: string, revision: string): Promise<Service> {
  for (let waitedMs = 0; waitedMs < READY_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    const service = await deps.services.getService({ name });
    if (!service.reconciling && tagUriOf(service, revision) !== undefined) return service;
    await systemClock.sleep(LOOK_EVERY_MS);
  }
  throw failedPrecondition(`Revision ${revision} could not be tagged within ${READY_WITHIN_MS / 1000} s.`);
}
