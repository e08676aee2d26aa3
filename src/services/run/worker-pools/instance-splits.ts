import { create } from "@bufbuild/protobuf";
import {
  type InstanceSplit,
  InstanceSplitAllocationType,
  type InstanceSplitStatus,
  InstanceSplitStatusSchema,
} from "../../../gen/google/cloud/run/v2/instance_split_pb.js";
import type { WorkerPool } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { apportioned } from "../services/instance-counts.ts";
import { lastSegment } from "../names.ts";

/** How a worker pool's instances are shared out over revisions; names are short. */
export interface SplitPlan {
  readonly statuses: readonly InstanceSplitStatus[];
  /** Instances by revision, for every revision that a split assigns a part to; the part may be no instance. */
  readonly counts: ReadonlyMap<string, number>;
  /** Revisions named by a split that cannot run: they do not exist, or never became ready. */
  readonly missing: readonly string[];
}

type Splits = Pick<WorkerPool, "scaling"> & {
  readonly instanceSplits: readonly Pick<InstanceSplit, "type" | "revision" | "percent">[];
};

/**
 * Resolves the splits of a worker pool: "latest" is the latest ready revision. When the revision of a split cannot run,
 * nothing moves: the plan is then of no use but for its `missing`.
 */
export function planSplits(
  { instanceSplits, scaling }: Splits,
  latestReady: string | undefined,
  canRun: (revision: string) => boolean,
): SplitPlan {
  const percents = new Map<string, number>();
  const missing = new Set<string>();
  const statuses: InstanceSplitStatus[] = [];
  for (const { type, revision: named, percent } of instanceSplits) {
    const revision = type === InstanceSplitAllocationType.REVISION ? named : latestReady;
    if (revision === undefined) continue;
    if (!canRun(revision)) missing.add(revision);
    if (percent > 0) percents.set(revision, (percents.get(revision) ?? 0) + percent);
    statuses.push(create(InstanceSplitStatusSchema, { type, revision: named, percent }));
  }
  return { statuses, counts: apportioned(scaling?.manualInstanceCount ?? 0, percents), missing: [...missing] };
}

/** The plan that a worker pool's split statuses stand for, with the instances that it is to have: what runs right now. */
export function currentSplits({ scaling, instanceSplitStatuses, latestReadyRevision }: WorkerPool): SplitPlan {
  const splits = { instanceSplits: instanceSplitStatuses, ...(scaling && { scaling }) };
  return planSplits(splits, latestReadyRevision === "" ? undefined : lastSegment(latestReadyRevision), () => true);
}

/** Whether a split follows the latest ready revision. */
export function isLatest({ type }: Pick<InstanceSplit, "type">): boolean {
  return type !== InstanceSplitAllocationType.REVISION;
}
