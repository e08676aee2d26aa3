import { clone } from "@bufbuild/protobuf";
import { RevisionSchema } from "../../gen/google/cloud/run/v2/revision_pb.js";
import type { Service } from "../../gen/google/cloud/run/v2/service_pb.js";
import type { StoreTransaction } from "../../platform/store/store.ts";
import { conditionOf, RETIRED, SUCCEEDED } from "./conditions.ts";
import type { RunContext } from "./context.ts";
import { lastSegment, revisionNameOf } from "./names.ts";
import { currentTraffic, reachableRevisions, type TrafficPlan } from "./traffic.ts";

/** Tells the revisions that gained or lost traffic between two states of a service whether they are active. */
export async function updateActiveConditions(
  { rows, clock }: RunContext,
  transaction: StoreTransaction,
  before: Service,
  after: Service,
  plan: TrafficPlan,
): Promise<void> {
  const active = reachableRevisions(plan);
  const ids = new Set([...active, ...reachedBefore(before), lastSegment(after.latestCreatedRevision)]);
  for (const id of ids) {
    const record = await rows.getRevision(revisionNameOf(after.name, id), transaction);
    if (!record) continue;
    const change = active.has(id) ? SUCCEEDED : RETIRED;
    const revision = clone(RevisionSchema, record.revision);
    const index = revision.conditions.findIndex(({ type }) => type === "Active");
    if (revision.conditions[index]?.state === change.state) continue;
    revision.conditions[index] = conditionOf("Active", revision.conditions, change, clock.nowMs());
    await rows.updateRevision(transaction, { ...record, revision });
  }
}

/** Short names of the revisions that a service's status says are reached. */
export function reachedBefore(service: Service): Set<string> {
  const latestReady = service.latestReadyRevision;
  return reachableRevisions(currentTraffic(service, latestReady === "" ? undefined : lastSegment(latestReady)));
}
