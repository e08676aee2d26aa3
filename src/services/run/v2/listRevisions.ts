import { Revisions } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { RunContext } from "../context.ts";
import { serviceNotFound } from "../errors.ts";
import { parseServiceName } from "../names.ts";
import { revisionView } from "../view.ts";
import { newestFirst } from "./pages.ts";

/** run.v2.Revisions.ListRevisions; the service may be "-". A deleted revision is gone at once, so show_deleted adds none. */
export const listRevisions = ({ rows }: RunContext) =>
  rpc(Revisions.method.listRevisions, { permission: "run.revisions.list", audit: "ADMIN_READ" }, async (request) => {
    const { service } = parseServiceName(request.parent);
    if (service !== "-" && !(await rows.getService(request.parent))) throw serviceNotFound(request.parent);
    const list = rows.listRevisions;
    const { page, nextPageToken } = await newestFirst("revisions", request, list, ({ revision }) => revision);
    return { revisions: page.map(revisionView), nextPageToken };
  });
