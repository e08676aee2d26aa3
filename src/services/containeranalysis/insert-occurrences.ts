import { NoteSchema, type Occurrence, OccurrenceSchema } from "../../gen/grafeas/v1/grafeas_pb.js";
import type { Deps } from "./deps.ts";
import { noteNotFound } from "./errors.ts";
import { checkName, checkParent } from "./names.ts";
import { newOccurrence } from "./occurrence.ts";
import { messageOf, newRow } from "./rows.ts";

/** Creates occurrences, all or none; NOT_FOUND when a note is not there. */
export async function insertOccurrences(
  { store, notes, occurrences, clock, ids }: Deps,
  parent: string,
  requests: readonly Occurrence[],
): Promise<Occurrence[]> {
  checkParent(parent);
  for (const { noteName } of requests) checkName(noteName, "notes", "occurrence.note_name");
  const nowMs = clock.nowMs();
  return store.transact(async (transaction) => {
    const created: Occurrence[] = [];
    for (const request of requests) {
      const row = await notes.get(request.noteName, transaction);
      if (!row) throw noteNotFound(request.noteName);
      const uid = ids.uuid();
      const occurrence = newOccurrence(request, messageOf(NoteSchema, row), `${parent}/occurrences/${uid}`, nowMs);
      await occurrences.insert(transaction, newRow(OccurrenceSchema, occurrence, uid, nowMs));
      created.push(occurrence);
    }
    return created;
  });
}
