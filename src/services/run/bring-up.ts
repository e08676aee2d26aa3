import { clone } from "@bufbuild/protobuf";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { Condition_CommonReason } from "../../gen/google/cloud/run/v2/condition_pb.js";
import { type Revision, RevisionSchema } from "../../gen/google/cloud/run/v2/revision_pb.js";
import type { Service } from "../../gen/google/cloud/run/v2/service_pb.js";
import { formatReference, parseReference } from "../../oci/reference.ts";
import { reachedBefore } from "./active-conditions.ts";
import { type ConditionChange, conditionOf, type Failure, failed, SUCCEEDED } from "./conditions.ts";
import type { RunContext } from "./context.ts";
import { revisionNameOf } from "./names.ts";
import { isReady, REVISION_CONDITIONS } from "./revision.ts";
import { imageNotFound, imageNotReachable, startFailure } from "./start-failure.ts";
import type { RevisionRecord } from "./store.ts";
import { updateRevision } from "./update-base-images.ts";

/**
 * Makes sure that the latest created revision of a service was seen to serve: resolves its image, starts an instance,
 * waits for its startup probe. Resolves with the failure that stands in the way, which the revision then tells, too.
 * Rejects when the signal aborts.
 */
export async function bringUpLatest(
  context: RunContext,
  service: Service,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const record = await context.rows.getRevision(service.latestCreatedRevision);
  if (!record) throw new Error(`${service.latestCreatedRevision} is not stored`);
  if (isReady(record.revision)) return undefined;
  const pinned = await pinImage(context, record, signal);
  if ("failure" in pinned) return settleRevision(context, record, pinned.failure);
  const updated = await updateRevision(context, pinned.record, signal);
  const failure = await startInstance(context, service, updated.revision, signal);
  if (failure) context.deployments.keepOnly(service.name, servedNow(service));
  return settleRevision(context, updated, failure);
}

/** Full names of the revisions that requests reach meanwhile. */
function servedNow(service: Service): Set<string> {
  return new Set([...reachedBefore(service)].map((id) => revisionNameOf(service.name, id)));
}

type Pinned = { readonly record: RevisionRecord } | { readonly failure: Failure };

/** Replaces the images' tags by the digests they have now, for good: a revision always runs the same images. */
async function pinImage(context: RunContext, record: RevisionRecord, signal: AbortSignal): Promise<Pinned> {
  const revision = clone(RevisionSchema, record.revision);
  const open = revision.containers.filter(({ image }) => !image.includes("@"));
  if (open.length === 0) return { record };
  for (const container of open) {
    const resolved = await resolveImage(context, container.image, signal);
    if ("failure" in resolved) return resolved;
    container.image = resolved.image;
  }
  return {
    record: await context.store.transact((transaction) =>
      context.rows.updateRevision(transaction, { ...record, revision }),
    ),
  };
}

/** The image by its digest. */
async function resolveImage(
  { registry }: RunContext,
  image: string,
  signal: AbortSignal,
): Promise<{ readonly image: string } | { readonly failure: Failure }> {
  const reference = parseReference(image);
  try {
    const digest = await registry.resolve(reference, signal);
    if (digest === undefined) return { failure: imageNotFound(image) };
    return { image: formatReference({ host: reference.host, repository: reference.repository, digest }) };
  } catch (error) {
    signal.throwIfAborted();
    return { failure: imageNotReachable(image, (error as Error).message) };
  }
}

async function startInstance(
  { deployments, serving }: RunContext,
  service: Service,
  revision: Revision,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  deployments.declare(service, revision);
  if (service.template?.healthCheckDisabled) return undefined;
  const outcome = await serving.awaitReady(revision.name, signal);
  signal.throwIfAborted();
  return outcome.ready ? undefined : startFailure(revision, outcome);
}

/** Writes what became of a revision into its conditions. */
async function settleRevision(
  { store, rows, clock }: RunContext,
  record: RevisionRecord,
  failure: Failure | undefined,
): Promise<Failure | undefined> {
  const nowMs = clock.nowMs();
  const revision = clone(RevisionSchema, record.revision);
  const changes = failure ? failedChanges(failure) : readyChanges(revision, nowMs);
  revision.conditions = REVISION_CONDITIONS.map((type) => {
    const change = changes[type];
    return change
      ? conditionOf(type, revision.conditions, change, nowMs)
      : revision.conditions.find((each) => each.type === type)!;
  });
  revision.reconciling = false;
  revision.observedGeneration = revision.generation;
  revision.updateTime = timestampFromMs(nowMs);
  await store.transact((transaction) => rows.updateRevision(transaction, { ...record, revision }));
  return failure;
}

/** Google's words for a revision that came up. */
function readyChanges(revision: Revision, nowMs: number): Record<string, ConditionChange> {
  const seconds = ((nowMs - timestampMs(revision.createTime!)) / 1000).toFixed(2);
  return {
    Ready: { ...SUCCEEDED, message: `Deploying revision succeeded in ${seconds}s.` },
    ContainerHealthy: { ...SUCCEEDED, message: `Containers became healthy in ${seconds}s.` },
    ContainerReady: SUCCEEDED,
    ResourcesAvailable: SUCCEEDED,
  };
}

function failedChanges(failure: Failure): Record<string, ConditionChange> {
  const change = failed(failure);
  const noImage = failure.reason.case === "reason" && failure.reason.value === Condition_CommonReason.CONTAINER_MISSING;
  if (noImage) return { Ready: change, ContainerReady: change };
  return { Ready: change, ContainerHealthy: change, ContainerReady: SUCCEEDED, ResourcesAvailable: SUCCEEDED };
}
