import { Grafeas } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { insertNotes } from "../insert-notes.ts";

/** Grafeas.CreateNote; ALREADY_EXISTS when there is one of that id. */
export const createNote = (deps: Deps) =>
  rpc(
    Grafeas.method.createNote,
    { permission: "containeranalysis.notes.create", audit: "ADMIN_WRITE" },
    async ({ parent, noteId, note }) => {
      const [created] = await insertNotes(deps, parent, { [noteId]: note! });
      return created!;
    },
  );
