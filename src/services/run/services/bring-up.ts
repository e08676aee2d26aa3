import type { Service } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { type BroughtUp, bringUpAll, type Trial } from "../revisions/bring-up-revision.ts";
import type { RunContext } from "../context.ts";
import { manualCountOf } from "./instance-counts.ts";
import { revisionNameOf } from "../names.ts";
import { reachedBefore } from "../revisions/revision-states.ts";
import { updateRevision } from "./update-base-images.ts";

/** Brings up the latest created revision of a service, and those that traffic is to go to. */
export function bringUpRevisions(context: RunContext, service: Service, signal: AbortSignal): Promise<BroughtUp> {
  const { name: owner, generation, latestCreatedRevision, traffic } = service;
  const trial: Trial = {
    owner,
    generation,
    latestCreatedRevision,
    wanted: traffic.map(({ revision }) => revision),
    isChecked: needsHealthCheck(service),
    prepare: (record) => updateRevision(context, record, signal),
    declare: (revision) => context.deployments.declare(service, revision),
    withdraw: () => context.deployments.keepOnly(owner, servedNow(service)),
  };
  return bringUpAll(context, trial, signal);
}

/** A service that is scaled to nothing by hand has no instance to ask. */
function needsHealthCheck({ template, scaling }: Service): boolean {
  return !template?.healthCheckDisabled && manualCountOf(scaling) !== 0;
}

/** Full names of the revisions that requests reach meanwhile. */
function servedNow(service: Service): Set<string> {
  return new Set([...reachedBefore(service)].map((id) => revisionNameOf(service.name, id)));
}
