import { type Note, NoteSchema } from "../../gen/grafeas/v1/grafeas_pb.js";
import { DuplicateResourceError } from "../../platform/store/resource-table.ts";
import { alreadyExists } from "../../wire/errors.ts";
import type { Deps } from "./deps.ts";
import { checkNoteId, checkParent } from "./names.ts";
import { newNote } from "./note.ts";
import { newRow } from "./rows.ts";

/** Creates notes by their ids, all or none. */
export async function insertNotes(
  { store, notes, clock, ids }: Deps,
  parent: string,
  requests: Readonly<Record<string, Note>>,
): Promise<Note[]> {
  checkParent(parent);
  const nowMs = clock.nowMs();
  const created = Object.entries(requests).map(([noteId, note]) => {
    checkNoteId(noteId);
    return newNote(note, `${parent}/notes/${noteId}`, nowMs);
  });
  return store.transact(async (transaction) => {
    for (const note of created) {
      try {
        await notes.insert(transaction, newRow(NoteSchema, note, ids.uuid(), nowMs));
      } catch (error) {
        if (error instanceof DuplicateResourceError)
          throw alreadyExists(note.name, `note with name "${note.name}" already exists`);
        throw error;
      }
    }
    return created;
  });
}
