import { NoteKind } from "../../gen/grafeas/v1/common_pb.js";
import type { Note, Occurrence } from "../../gen/grafeas/v1/grafeas_pb.js";

/** The kind that a note's type or an occurrence's details stand for; undefined when they are not set. */
export function kindOf(detail: (Note["type"] | Occurrence["details"])["case"]): NoteKind | undefined {
  if (detail === undefined) return undefined;
  const name = detail.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return NoteKind[name as keyof typeof NoteKind];
}
