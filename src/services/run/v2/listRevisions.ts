import { Revisions } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { RunContext } from "../context.ts";
import { serviceNotFound } from "../services/errors.ts";
import { parseServiceName } from "../names.ts";
import { revisionView } from "../services/view.ts";
import { workerPoolNotFound } from "../worker-pools/errors.ts";
import { parseWorkerPoolName } from "../worker-pools/names.ts";
import { newestFirst } from "./pages.ts";

/**
 * run.v2.Revisions.ListRevisions; the service or worker pool may be "-". A deleted revision is gone at once, so
 * show_deleted adds none.
 */
export const listRevisions = (context: RunContext) =>
  rpc(Revisions.method.listRevisions, { permission: "run.revisions.list", audit: "ADMIN_READ" }, async (request) => {
    await assertOwner(context, request.parent);
    const list = context.rows.listRevisions;
    const { page, nextPageToken } = await newestFirst("revisions", request, list, ({ revision }) => revision);
    return { revisions: page.map(revisionView), nextPageToken };
  });

async function assertOwner({ rows, workerPools }: RunContext, name: string): Promise<void> {
  if (name.includes("/workerPools/")) {
    const { workerPool } = parseWorkerPoolName(name);
    if (workerPool !== "-" && !(await workerPools.get(name))) throw workerPoolNotFound(name);
    return;
  }
  const { service } = parseServiceName(name);
  if (service !== "-" && !(await rows.getService(name))) throw serviceNotFound(name);
}
