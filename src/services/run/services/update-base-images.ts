import type { Reconcile } from "../../../platform/wakeups/wakeups.ts";
import type { RunContext } from "../context.ts";
import { every } from "../every.ts";
import { mainContainerOf } from "../templates/main-container.ts";
import { lastSegment, revisionNameOf } from "../names.ts";
import { redeclareService } from "./redeclare.ts";
import { resolvedImageOf } from "../revisions/revision.ts";
import type { RevisionRecord, ServiceRecord } from "../store.ts";
import { currentTraffic, reachableRevisions } from "./traffic.ts";

/** The only key of the wake-ups of "run.baseImages". */
export const ALL_SERVICES = "all";

/**
 * Puts every revision that requests reach and that is enrolled onto the newest base image: the revision stays, and its
 * instances are replaced one by one. Google: Cloud Run, "Configure automatic base image updates".
 */
export function reconcileBaseImages(context: RunContext): Reconcile {
  return async (_key, signal) => {
    for await (const record of every(context.rows.allServices, "projects/-/locations/-")) {
      signal.throwIfAborted();
      await updateService(context, record, signal);
    }
    return { settled: true };
  };
}

/** The record of a revision on the newest base image, and the deployments told of it; the same record when it is not enrolled. */
export async function updateRevision(
  { rows, store, baseImages, deployments, log }: RunContext,
  record: RevisionRecord,
  signal: AbortSignal,
): Promise<RevisionRecord> {
  const { name, containers } = record.revision;
  const image = mainContainerOf(containers)?.baseImageUri === "" ? undefined : resolvedImageOf(record.revision);
  if (image === undefined) return record;
  const newest = await baseImages.rebaseOnNewest(image, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    log.warning("a base image was not updated", { revision: name, error });
    return record.rebasedImage ?? image;
  });
  deployments.useImage(name, newest);
  if (newest === (record.rebasedImage ?? image)) return record;
  const updated = { ...record, rebasedImage: newest };
  return store.transact((transaction) => rows.updateRevision(transaction, updated));
}

async function updateService(context: RunContext, record: ServiceRecord, signal: AbortSignal): Promise<void> {
  const { service } = record;
  if (service.deleteTime) return;
  const latestReady = service.latestReadyRevision;
  const plan = currentTraffic(service, latestReady === "" ? undefined : lastSegment(latestReady));
  let isUpdated = false;
  for (const id of reachableRevisions(plan)) {
    const before = await context.rows.getRevision(revisionNameOf(service.name, id));
    if (before && (await updateRevision(context, before, signal)) !== before) isUpdated = true;
  }
  if (isUpdated) await redeclareService(context, record);
}
