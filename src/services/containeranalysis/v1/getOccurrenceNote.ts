import { Grafeas } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findNote, findOccurrence } from "../find.ts";

/** Grafeas.GetOccurrenceNote: the note that an occurrence belongs to. */
export const getOccurrenceNote = (deps: Deps) =>
  rpc(
    Grafeas.method.getOccurrenceNote,
    { permission: "containeranalysis.notes.get", audit: "ADMIN_READ" },
    async ({ name }) => {
      const { message } = await findOccurrence(deps, name);
      return (await findNote(deps, message.noteName)).message;
    },
  );
