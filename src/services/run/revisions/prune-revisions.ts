import type { Service } from "../../../gen/google/cloud/run/v2/service_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { MAX_REVISIONS } from "../limits.ts";
import { revisionNameOf } from "../names.ts";
import { reachedBefore } from "./revision-states.ts";
import type { RunStore } from "../store.ts";

/** Most revisions that one change deletes. */
const BATCH = 100;

/** Deletes the oldest revisions above `keep` that no request reaches or is to reach. Google: Cloud Run quotas. */
export async function pruneRevisions(
  rows: Pick<RunStore, "revisionNamesAfter" | "deleteRevision">,
  transaction: StoreTransaction,
  service: Service,
  keep = MAX_REVISIONS,
): Promise<void> {
  const kept = keptRevisions(service);
  for (const name of await rows.revisionNamesAfter(transaction, service.name, keep, BATCH)) {
    if (!kept.has(name)) await rows.deleteRevision(transaction, name);
  }
}

/** Full names of the revisions that a service needs. */
function keptRevisions(service: Service): Set<string> {
  const ids = [...service.traffic.map(({ revision }) => revision), ...reachedBefore(service)];
  const names = ids.filter(Boolean).map((id) => revisionNameOf(service.name, id));
  return new Set([...names, service.latestCreatedRevision, service.latestReadyRevision]);
}
