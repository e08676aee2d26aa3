import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { RunContext } from "../context.ts";
import { every } from "../every.ts";
import { lastSegment, revisionNameOf } from "../names.ts";
import type { ServiceRecord } from "../store.ts";
import { currentTraffic, reachableRevisions } from "./traffic.ts";

/** Tells the serving floor of everything that gets traffic, so that requests are served again after a restart. */
export async function redeclareServices(context: RunContext): Promise<void> {
  const services = every(context.rows.allServices, "projects/-/locations/-");
  for await (const record of services) await redeclareService(context, record);
}

/** The same for one service. */
export async function redeclareService({ rows, deployments }: RunContext, { service }: ServiceRecord): Promise<void> {
  if (service.deleteTime) return;
  const latestReady = service.latestReadyRevision;
  const plan = currentTraffic(service, latestReady === "" ? undefined : lastSegment(latestReady));
  const revisions = new Map<string, Revision>();
  for (const id of reachableRevisions(plan)) {
    const found = await rows.getRevision(revisionNameOf(service.name, id));
    if (!found) continue;
    revisions.set(id, found.revision);
    if (found.rebasedImage !== undefined) deployments.useImage(found.revision.name, found.rebasedImage);
  }
  deployments.serve(service, plan, revisions);
}
