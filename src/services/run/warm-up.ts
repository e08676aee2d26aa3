import type { Revision } from "../../gen/google/cloud/run/v2/revision_pb.js";
import type { Service } from "../../gen/google/cloud/run/v2/service_pb.js";
import type { RunContext } from "./context.ts";
import { instanceCounts } from "./instance-counts.ts";
import type { TrafficPlan } from "./traffic.ts";
import { reachableRevisions } from "./traffic.ts";

/** How long traffic waits for minimum instances; it moves then, and the revisions say that they are still warming. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** What became of minimum instances before traffic moved. */
export interface WarmUp {
  readonly startMs: number;
  /** Minimum instances that revisions are to have, by short name; those without are left out. */
  readonly counts: ReadonlyMap<string, number>;
  /** Revisions that have them. */
  readonly provisioned: ReadonlySet<string>;
}

/**
 * Starts the minimum instances of every revision that the plan reaches, and waits for them, so that traffic finds them.
 * Rejects when the signal aborts.
 */
export async function warmUp(
  { deployments, serving, clock }: RunContext,
  service: Service,
  plan: TrafficPlan,
  revisions: ReadonlyMap<string, Revision>,
  signal: AbortSignal,
): Promise<WarmUp> {
  const startMs = clock.nowMs();
  const counts = minimumCounts(service, plan, revisions);
  const isWarm = ([id, count]: [string, number]) => {
    const { active, idle } = serving.instanceCounts(revisions.get(id)!.name);
    return active + idle >= count;
  };
  if (counts.size > 0) deployments.prepare(service, plan, revisions);
  for (;;) {
    const warm = [...counts].filter(isWarm);
    const isOver = clock.nowMs() - startMs >= PATIENCE_MS;
    if (warm.length === counts.size || isOver) {
      return { startMs, counts, provisioned: new Set(warm.map(([id]) => id)) };
    }
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

function minimumCounts(
  service: Service,
  plan: TrafficPlan,
  revisions: ReadonlyMap<string, Revision>,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of reachableRevisions(plan)) {
    const revision = revisions.get(id);
    if (!revision) continue;
    const { minInstances } = instanceCounts(service, revision, plan.percents);
    if (minInstances > 0) counts.set(id, minInstances);
  }
  return counts;
}
