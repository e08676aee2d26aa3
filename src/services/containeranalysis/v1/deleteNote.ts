import { Grafeas } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findNote } from "../find.ts";

/** Grafeas.DeleteNote. */
export const deleteNote = (deps: Deps) =>
  rpc(
    Grafeas.method.deleteNote,
    { permission: "containeranalysis.notes.delete", audit: "ADMIN_WRITE" },
    async ({ name }) => {
      await deps.store.transact(async (transaction) => {
        await findNote(deps, name, transaction);
        await deps.notes.delete(transaction, name);
        await deps.policies.delete(transaction, name);
      });
      return {};
    },
  );
