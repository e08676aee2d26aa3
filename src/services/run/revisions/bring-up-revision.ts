import { clone } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Condition_State } from "../../../gen/google/cloud/run/v2/condition_pb.js";
import { type Revision, RevisionSchema } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { checkSecrets } from "../secrets/check-secrets.ts";
import { type Failure, isInState, withChanges } from "../conditions.ts";
import type { RunContext } from "../context.ts";
import { lastSegment, parseRevisionName, revisionNameOf } from "../names.ts";
import { pinImages } from "./pin-images.ts";
import { recordedFailure } from "./recorded-failure.ts";
import { CONFIGURATION_GENERATION, isReady, REVISION_CONDITIONS } from "./revision.ts";
import { failedChanges, type Progress, readyChanges } from "./revision-outcome.ts";
import { startFailure } from "./start-failure.ts";
import type { RevisionRecord } from "../store.ts";

/** What became of a revision. */
export interface BroughtUp {
  readonly failure: Failure | undefined;
  /** False: it had failed for an earlier change, and was not tried again, since a revision never changes. */
  readonly isNew: boolean;
}

/** What services and worker pools do differently when a revision of theirs is tried. */
export interface Trial {
  /** Full name of the service or worker pool. */
  readonly owner: string;
  readonly generation: bigint;
  readonly latestCreatedRevision: string;
  /** Short names of the revisions that requests or instances are to go to; "" stands for the latest one. */
  readonly wanted: readonly string[];
  /** False where there is no instance to look at. */
  readonly isChecked: boolean;
  /** The revision once its images have digests, as it is to run. */
  readonly prepare: (record: RevisionRecord) => Promise<RevisionRecord>;
  /** Tells the serving floor to run the revision. */
  readonly declare: (revision: Revision) => void;
  /** Takes back what was declared. */
  readonly withdraw: () => void;
}

/**
 * Makes sure that the latest created revision was seen to start, and so were the wanted ones. Resolves with the failure
 * that stands in the way of the latest one, which the revision then tells, too. Rejects when the signal aborts.
 */
export async function bringUpAll(context: RunContext, trial: Trial, signal: AbortSignal): Promise<BroughtUp> {
  const { owner, latestCreatedRevision } = trial;
  const latest = await bringUp(context, trial, latestCreatedRevision, signal);
  if (!latest) throw new Error(`${latestCreatedRevision} is not stored`);
  const named = new Set(trial.wanted.filter(Boolean));
  named.delete(lastSegment(latestCreatedRevision));
  for (const id of named) await bringUp(context, trial, revisionNameOf(owner, id), signal);
  return latest;
}

/** Resolves images and secrets of a revision, starts an instance, and waits for its startup probe. */
async function bringUp(
  context: RunContext,
  trial: Trial,
  name: string,
  signal: AbortSignal,
): Promise<BroughtUp | undefined> {
  const record = await context.rows.getRevision(name);
  if (!record) return undefined;
  if (isReady(record.revision)) return { failure: undefined, isNew: false };
  if (isInState(record.revision.conditions, "Ready", Condition_State.CONDITION_FAILED)) {
    const isNew = record.hidden.labels[CONFIGURATION_GENERATION] === String(trial.generation);
    return { failure: recordedFailure(record.revision), isNew };
  }
  const startMs = context.clock.nowMs();
  const { project } = parseRevisionName(name);
  const refused = await checkSecrets(context, { ...record.revision, project }, signal);
  if (refused) return settleRevision(context, record, refused, { startMs });
  const pinned = await pinImages(context, record, signal);
  if ("failure" in pinned) return settleRevision(context, record, pinned.failure, { startMs });
  const prepared = await trial.prepare(pinned.record);
  const progress: Progress = { startMs, pinnedMs: context.clock.nowMs(), isChecked: trial.isChecked };
  const failure = trial.isChecked ? await startInstance(context, trial, prepared.revision, signal) : undefined;
  if (failure) trial.withdraw();
  return settleRevision(context, prepared, failure, progress);
}

async function startInstance(
  { serving }: RunContext,
  { declare }: Trial,
  revision: Revision,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  declare(revision);
  const outcome = await serving.awaitReady(revision.name, signal);
  signal.throwIfAborted();
  return outcome.ready ? undefined : startFailure(revision, outcome);
}

/** Writes what became of a revision into its conditions. */
async function settleRevision(
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
