import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { Service } from "../../../gen/google/cloud/run/v2/service_pb.js";
import type { RunContext } from "../context.ts";
import { instanceCounts } from "./instance-counts.ts";
import { reachedBefore } from "../revisions/revision-states.ts";
import { reachableRevisions, type TrafficPlan } from "./traffic.ts";

/** How long is waited for minimum instances; then traffic moves, and the revisions say that they are still warming. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** What became of the minimum instances of revisions. */
export interface WarmUp {
  readonly startMs: number;
  /** Minimum instances that revisions are to have, by short name; those without are left out. */
  readonly counts: ReadonlyMap<string, number>;
  /** Revisions that have them. */
  readonly provisioned: ReadonlySet<string>;
}

/**
 * Moves traffic: starts the minimum instances of revisions that get traffic anew and waits for them, so that requests
 * find them, switches the route, and waits for all others. Rejects when the signal aborts.
 */
export async function moveTraffic(
  context: RunContext,
  service: Service,
  plan: TrafficPlan,
  revisions: ReadonlyMap<string, Revision>,
  signal: AbortSignal,
): Promise<WarmUp> {
  const startMs = context.clock.nowMs();
  const counts = minimumCounts(service, plan, revisions);
  const before = reachedBefore(service);
  const awaited = [...counts.keys()].filter((id) => plan.percents.has(id) && !before.has(id));
  const provision = (ids: readonly string[]) => waitFor(context, ids, counts, revisions, startMs, signal);
  // What has requests already keeps its bounds until they move.
  context.deployments.prepare(service, plan, new Map(awaited.map((id) => [id, revisions.get(id)!])));
  await provision(awaited);
  context.deployments.serve(service, plan, revisions);
  return { startMs, counts, provisioned: await provision([...counts.keys()]) };
}

/** The revisions that have their minimum, once all have, or after a while. */
async function waitFor(
  { serving, clock }: RunContext,
  ids: readonly string[],
  counts: ReadonlyMap<string, number>,
  revisions: ReadonlyMap<string, Revision>,
  startMs: number,
  signal: AbortSignal,
): Promise<Set<string>> {
  const isWarm = (id: string) => {
    const { active, idle } = serving.instanceCounts(revisions.get(id)!.name);
    return active + idle >= counts.get(id)!;
  };
  for (;;) {
    const warm = ids.filter(isWarm);
    if (warm.length === ids.length || clock.nowMs() - startMs >= PATIENCE_MS) return new Set(warm);
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
