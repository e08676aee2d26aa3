import { Grafeas } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { insertNotes } from "../insert-notes.ts";

/** Grafeas.BatchCreateNotes: all or none. */
export const batchCreateNotes = (deps: Deps) =>
  rpc(
    Grafeas.method.batchCreateNotes,
    { permission: "containeranalysis.notes.create", audit: "ADMIN_WRITE" },
    async ({ parent, notes }) => ({ notes: await insertNotes(deps, parent, notes) }),
  );
