import { invalidArgument } from "../../wire/errors.ts";

const PARENT = /^projects\/[^/]+(\/locations\/[^/]+)?$/;
const NOTE_ID = /^[A-Za-z0-9][\w.~%-]{0,254}$/;

/** Rejects what is neither a project nor a location of one. */
export function checkParent(parent: string): void {
  if (!PARENT.test(parent)) throw invalidName("parent", parent);
}

/** Rejects what cannot be the last part of a note's name. */
export function checkNoteId(noteId: string): void {
  if (!NOTE_ID.test(noteId)) throw invalidName("note_id", noteId);
}

/** Rejects what is not the name of a note, or of an occurrence. */
export function checkName(name: string, collection: "notes" | "occurrences", field = "name"): void {
  const [parent = "", id] = name.split(`/${collection}/`);
  if (!PARENT.test(parent) || !id || id.includes("/")) throw invalidName(field, name);
}

/** The project or location of a note or an occurrence. */
export function parentOf(name: string): string {
  return name.split("/").slice(0, -2).join("/");
}

function invalidName(field: string, value: string) {
  const description = `invalid ${field}: "${value}"`;
  return invalidArgument(description, [{ field, description }]);
}
