import { create } from "@bufbuild/protobuf";
import type { Service } from "../../../gen/google/cloud/run/v2/service_pb.js";
import {
  type TrafficTarget,
  TrafficTargetAllocationType,
  type TrafficTargetStatus,
  TrafficTargetStatusSchema,
} from "../../../gen/google/cloud/run/v2/traffic_target_pb.js";
import { tagUrlOf } from "../urls.ts";

/** How a service's traffic is shared out over revisions that can serve; names are short. */
export interface TrafficPlan {
  readonly statuses: readonly TrafficTargetStatus[];
  /** Percentages by revision; empty when no revision can serve. */
  readonly percents: ReadonlyMap<string, number>;
  /** Revision by tag. */
  readonly tags: ReadonlyMap<string, string>;
  /** Revisions named by a target that cannot serve: they do not exist, or never became ready. */
  readonly missing: readonly string[];
}

/**
 * Resolves the targets of a service: "latest" is the latest ready revision. When a target's revision cannot serve,
 * nothing moves: the plan is then of no use but for its `missing`.
 */
export function planTraffic(
  service: Service,
  latestReady: string | undefined,
  canServe: (revision: string) => boolean,
): TrafficPlan {
  const percents = new Map<string, number>();
  const tags = new Map<string, string>();
  const missing = new Set<string>();
  const statuses: TrafficTargetStatus[] = [];
  for (const target of service.traffic) {
    const revision = isLatest(target) ? latestReady : target.revision;
    if (revision === undefined) continue;
    if (!canServe(revision)) missing.add(revision);
    if (target.percent > 0) percents.set(revision, (percents.get(revision) ?? 0) + target.percent);
    if (target.tag !== "") tags.set(target.tag, revision);
    statuses.push(statusOf(service, target));
  }
  return { statuses, percents, tags, missing: [...missing] };
}

/** The plan that a service's traffic statuses stand for: what is served right now. */
export function currentTraffic(service: Service, latestReady: string | undefined): TrafficPlan {
  const targets = service.trafficStatuses.map(({ type, revision, percent, tag }) => ({ type, revision, percent, tag }));
  return planTraffic({ ...service, traffic: targets as TrafficTarget[] }, latestReady, () => true);
}

/**
 * What is served right now, as it stays while traffic cannot go where it is to go: what followed the latest ready
 * revision stays with `served` when another one has become `latestReady`, which nobody asked to get that traffic.
 */
export function heldTraffic(
  service: Service,
  served: string | undefined,
  latestReady: string | undefined,
): TrafficPlan {
  if (served === undefined || served === latestReady) return currentTraffic(service, served);
  const bind = (status: TrafficTargetStatus) =>
    isLatest(status) ? { ...status, type: TrafficTargetAllocationType.REVISION, revision: served } : status;
  return currentTraffic({ ...service, trafficStatuses: service.trafficStatuses.map(bind) }, latestReady);
}

/** Every revision that requests may reach. */
export function reachableRevisions({ percents, tags }: Pick<TrafficPlan, "percents" | "tags">): Set<string> {
  return new Set([...percents.keys(), ...tags.values()]);
}

/** Whether a target follows the latest ready revision. */
export function isLatest({ type }: Pick<TrafficTarget, "type">): boolean {
  return type !== TrafficTargetAllocationType.REVISION;
}

function statusOf(service: Service, { type, revision, percent, tag }: TrafficTarget): TrafficTargetStatus {
  const uri = tag === "" || service.defaultUriDisabled ? "" : tagUrlOf(service, tag);
  return create(TrafficTargetStatusSchema, { type, revision, percent, tag, uri });
}
