import { Revisions } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { RunContext } from "../context.ts";
import { revisionNotFound } from "../services/errors.ts";
import { revisionView } from "../services/view.ts";

/** run.v2.Revisions.GetRevision. */
export const getRevision = ({ rows }: RunContext) =>
  rpc(Revisions.method.getRevision, { permission: "run.revisions.get", audit: "ADMIN_READ" }, async ({ name }) => {
    const record = await rows.getRevision(name);
    if (!record) throw revisionNotFound(name);
    return revisionView(record);
  });
