import { clone, create, equals } from "@bufbuild/protobuf";
import { Condition_RevisionReason, Condition_State } from "../../../gen/google/cloud/run/v2/condition_pb.js";
import { RevisionSchema } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { Service } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { RevisionScalingStatusSchema } from "../../../gen/google/cloud/run/v2/status_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import {
  type ConditionChange,
  isInState,
  MIN_INSTANCES_NOT_PROVISIONED,
  PENDING,
  RESERVED,
  RETIRED,
  revisionReason,
  SUCCEEDED,
  withChanges,
} from "../conditions.ts";
import type { RunContext } from "../context.ts";
import type { WarmUp } from "../services/move-traffic.ts";
import { lastSegment, revisionNameOf } from "../names.ts";
import { isReady, REVISION_CONDITIONS } from "./revision.ts";
import { type ConditionChanges, elapsed } from "./revision-outcome.ts";
import type { RevisionRecord } from "../store.ts";
import { currentTraffic, reachableRevisions, type TrafficPlan } from "../services/traffic.ts";

/** Revisions that are looked at for ones that a newer change overtook. */
const OVERTAKEN_AT_MOST = 50;

/** Tells the revisions that gained or lost traffic between two states of a service, and those that it passed over. */
export async function updateRevisionStates(
  context: RunContext,
  transaction: StoreTransaction,
  before: Service,
  after: Service,
  { plan, warm }: { readonly plan: TrafficPlan; readonly warm: WarmUp },
): Promise<void> {
  const change = { before: reachedBefore(before), after: reachableRevisions(plan), warm };
  await updateStatesOf(context, transaction, after, change);
}

/** Short names of revisions that are in use, before and after a change. */
export interface ChangeOfUse {
  readonly before: ReadonlySet<string>;
  readonly after: ReadonlySet<string>;
  readonly warm: WarmUp;
}

/** Tells the revisions of a service or worker pool that came into use or went out of it, and those passed over. */
export async function updateStatesOf(
  context: RunContext,
  transaction: StoreTransaction,
  owner: Pick<Service, "name" | "latestCreatedRevision">,
  { before, after, warm }: ChangeOfUse,
): Promise<void> {
  for (const id of new Set([...after, ...before, lastSegment(owner.latestCreatedRevision)])) {
    const record = await context.rows.getRevision(revisionNameOf(owner.name, id), transaction);
    if (record) await updateState(context, transaction, record, after.has(id), warm);
  }
  await passOver(context, transaction, owner);
}

/** Short names of the revisions that a service's status says are reached. */
export function reachedBefore(service: Service): Set<string> {
  const latestReady = service.latestReadyRevision;
  return reachableRevisions(currentTraffic(service, latestReady === "" ? undefined : lastSegment(latestReady)));
}

async function updateState(
  { rows, clock }: RunContext,
  transaction: StoreTransaction,
  record: RevisionRecord,
  isActive: boolean,
  warm: WarmUp,
): Promise<void> {
  const nowMs = clock.nowMs();
  const revision = clone(RevisionSchema, record.revision);
  const changes = Object.entries(isActive ? activeChanges(record, warm, nowMs) : retiredChanges(record));
  const news = changes.filter(([type, { state }]) => !isInState(revision.conditions, type, state));
  revision.conditions = withChanges(REVISION_CONDITIONS, revision.conditions, Object.fromEntries(news), nowMs);
  const count = isActive ? (warm.counts.get(lastSegment(revision.name)) ?? 0) : 0;
  delete revision.scalingStatus;
  if (count > 0) revision.scalingStatus = create(RevisionScalingStatusSchema, { desiredMinInstanceCount: count });
  if (equals(RevisionSchema, revision, record.revision)) return;
  await rows.updateRevision(transaction, { ...record, revision });
}

/** Google's words. */
function activeChanges({ revision }: RevisionRecord, warm: WarmUp, nowMs: number): ConditionChanges {
  const id = lastSegment(revision.name);
  if (!warm.counts.has(id)) return { Active: SUCCEEDED, ...withoutMinimum(revision.conditions) };
  const provisioned: ConditionChange = {
    ...SUCCEEDED,
    message: `Min instances provisioned successfully in ${elapsed(warm.startMs, nowMs)}.`,
  };
  return { Active: SUCCEEDED, MinInstancesProvisioned: warm.provisioned.has(id) ? provisioned : WARMING };
}

function retiredChanges({ revision }: RevisionRecord): ConditionChanges {
  const hadMinimum = revision.conditions.some(({ type }) => type === "MinInstancesProvisioned");
  const hasMinimum = hadMinimum || (revision.scaling?.minInstanceCount ?? 0) > 0;
  const isNew = isReady(revision) && !revision.conditions.some(({ type, state }) => type === "Active" && isOver(state));
  return {
    Active: isNew ? RESERVED : RETIRED,
    ...(hasMinimum && { MinInstancesProvisioned: MIN_INSTANCES_NOT_PROVISIONED }),
  };
}

function isOver(state: Condition_State): boolean {
  return state === Condition_State.CONDITION_SUCCEEDED || state === Condition_State.CONDITION_FAILED;
}

/** A revision that had a minimum and has none any more has nothing left to provision. */
function withoutMinimum(conditions: readonly { type: string }[]): ConditionChanges {
  return conditions.some(({ type }) => type === "MinInstancesProvisioned")
    ? { MinInstancesProvisioned: SUCCEEDED }
    : {};
}

const WARMING: ConditionChange = {
  state: Condition_State.CONDITION_RECONCILING,
  reasons: revisionReason(Condition_RevisionReason.MIN_INSTANCES_WARMING),
};

/** Revisions that a newer change overtook before they were tried stay untried until traffic is to go to them. */
async function passOver(
  { rows, clock }: RunContext,
  transaction: StoreTransaction,
  owner: Pick<Service, "name" | "latestCreatedRevision">,
): Promise<void> {
  const query = { parent: owner.name, limit: OVERTAKEN_AT_MOST, orderBy: "createTime", descending: true } as const;
  for (const record of await rows.listRevisions(query, transaction)) {
    const revision = clone(RevisionSchema, record.revision);
    if (revision.name === owner.latestCreatedRevision) continue;
    if (!revision.reconciling) return;
    const reasons = revisionReason(Condition_RevisionReason.PENDING);
    const changes = { Ready: { ...PENDING, reasons }, Active: RETIRED };
    revision.conditions = withChanges(REVISION_CONDITIONS, revision.conditions, changes, clock.nowMs());
    revision.reconciling = false;
    revision.observedGeneration = revision.generation;
    await rows.updateRevision(transaction, { ...record, revision });
  }
}
