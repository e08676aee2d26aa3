import { type Note, NoteSchema, type Occurrence, OccurrenceSchema } from "../../gen/grafeas/v1/grafeas_pb.js";
import type { ResourceRow } from "../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../platform/store/store.ts";
import type { Deps } from "./deps.ts";
import { noteNotFound, occurrenceNotFound } from "./errors.ts";
import { checkName } from "./names.ts";
import { messageOf } from "./rows.ts";

/** The note of that name; NOT_FOUND when there is none. */
export async function findNote(
  { notes }: Pick<Deps, "notes">,
  name: string,
  transaction?: StoreTransaction,
): Promise<{ row: ResourceRow; message: Note }> {
  checkName(name, "notes");
  const row = await notes.get(name, transaction);
  if (!row) throw noteNotFound(name);
  return { row, message: messageOf(NoteSchema, row) };
}

/** The occurrence of that name; NOT_FOUND when there is none. */
export async function findOccurrence(
  { occurrences }: Pick<Deps, "occurrences">,
  name: string,
  transaction?: StoreTransaction,
): Promise<{ row: ResourceRow; message: Occurrence }> {
  checkName(name, "occurrences");
  const row = await occurrences.get(name, transaction);
  if (!row) throw occurrenceNotFound(name);
  return { row, message: messageOf(OccurrenceSchema, row) };
}
