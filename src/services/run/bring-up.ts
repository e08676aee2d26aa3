import { clone } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Condition_State } from "../../gen/google/cloud/run/v2/condition_pb.js";
import { type Revision, RevisionSchema } from "../../gen/google/cloud/run/v2/revision_pb.js";
import type { Service } from "../../gen/google/cloud/run/v2/service_pb.js";
import { reachedBefore } from "./revision-states.ts";
import { checkSecrets } from "./check-secrets.ts";
import { type Failure, isInState, withChanges } from "./conditions.ts";
import type { RunContext } from "./context.ts";
import { manualCountOf } from "./instance-counts.ts";
import { lastSegment, parseRevisionName, revisionNameOf } from "./names.ts";
import { pinImages } from "./pin-images.ts";
import { recordedFailure } from "./recorded-failure.ts";
import { CONFIGURATION_GENERATION, isReady, REVISION_CONDITIONS } from "./revision.ts";
import { failedChanges, type Progress, readyChanges } from "./revision-outcome.ts";
import { startFailure } from "./start-failure.ts";
import type { RevisionRecord } from "./store.ts";
import { updateRevision } from "./update-base-images.ts";

/** What became of the latest created revision. */
export interface BroughtUp {
  readonly failure: Failure | undefined;
  /** False: it had failed for an earlier change, and was not tried again, since a revision never changes. */
  readonly isNew: boolean;
}

/**
 * Makes sure that the latest created revision of a service was seen to serve, and so were those that traffic is to go
 * to. Resolves with the failure that stands in the way of the latest one, which the revision then tells, too. Rejects
 * when the signal aborts.
 */
export async function bringUpRevisions(context: RunContext, service: Service, signal: AbortSignal): Promise<BroughtUp> {
  const latest = await bringUp(context, service, service.latestCreatedRevision, signal);
  if (!latest) throw new Error(`${service.latestCreatedRevision} is not stored`);
  const named = new Set(service.traffic.map(({ revision }) => revision).filter(Boolean));
  named.delete(lastSegment(service.latestCreatedRevision));
  for (const id of named) await bringUp(context, service, revisionNameOf(service.name, id), signal);
  return latest;
}

/** Resolves image and secrets of a revision, starts an instance, and waits for its startup probe. */
async function bringUp(
  context: RunContext,
  service: Service,
  name: string,
  signal: AbortSignal,
): Promise<BroughtUp | undefined> {
  const record = await context.rows.getRevision(name);
  if (!record) return undefined;
  if (isReady(record.revision)) return { failure: undefined, isNew: false };
  if (isInState(record.revision.conditions, "Ready", Condition_State.CONDITION_FAILED)) {
    const isNew = record.hidden.labels[CONFIGURATION_GENERATION] === String(service.generation);
    return { failure: recordedFailure(record.revision), isNew };
  }
  const startMs = context.clock.nowMs();
  const { project } = parseRevisionName(name);
  const refused = await checkSecrets(context, { ...record.revision, project }, signal);
  if (refused) return settleRevision(context, record, refused, { startMs });
  const pinned = await pinImages(context, record, signal);
  if ("failure" in pinned) return settleRevision(context, record, pinned.failure, { startMs });
  const updated = await updateRevision(context, pinned.record, signal);
  const progress: Progress = { startMs, pinnedMs: context.clock.nowMs() };
  const isChecked = needsHealthCheck(service);
  const failure = isChecked ? await startInstance(context, service, updated.revision, signal) : undefined;
  if (failure) context.deployments.keepOnly(service.name, servedNow(service));
  return settleRevision(context, updated, failure, { ...progress, isChecked });
}

/** A service that is scaled to nothing by hand has no instance to ask. */
function needsHealthCheck({ template, scaling }: Service): boolean {
  return !template?.healthCheckDisabled && manualCountOf(scaling) !== 0;
}

/** Full names of the revisions that requests reach meanwhile. */
function servedNow(service: Service): Set<string> {
  return new Set([...reachedBefore(service)].map((id) => revisionNameOf(service.name, id)));
}

async function startInstance(
  { deployments, serving }: RunContext,
  service: Service,
  revision: Revision,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  deployments.declare(service, revision);
  const outcome = await serving.awaitReady(revision.name, signal);
  signal.throwIfAborted();
  return outcome.ready ? undefined : startFailure(revision, outcome);
}

/** Writes what became of a revision into its conditions. */
export async function settleRevision(
  { store, rows, clock }: RunContext,
  record: RevisionRecord,
  failure: Failure | undefined,
  progress: Progress,
): Promise<BroughtUp> {
  const nowMs = clock.nowMs();
  const revision = clone(RevisionSchema, record.revision);
  const changes = failure ? failedChanges(failure) : readyChanges(revision, progress, nowMs);
  revision.conditions = withChanges(REVISION_CONDITIONS, revision.conditions, changes, nowMs);
  revision.reconciling = false;
  revision.observedGeneration = revision.generation;
  revision.updateTime = timestampFromMs(nowMs);
  await store.transact((transaction) => rows.updateRevision(transaction, { ...record, revision }));
  return { failure, isNew: true };
}
