import { clone } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Note, NoteSchema } from "../../gen/grafeas/v1/grafeas_pb.js";
import { otherKind, required } from "./errors.ts";
import { kindOf } from "./kinds.ts";

/** A new note as it is stored; rejects one without a type. Google: grafeas.proto, Note. */
export function newNote(request: Note, name: string, nowMs: number): Note {
  const note = withKind(clone(NoteSchema, request));
  const now = timestampFromMs(nowMs);
  return { ...note, name, createTime: now, updateTime: now };
}

/** A changed note: its name, times and kind are not the client's to set. */
export function changedNote(current: Note, changed: Note, nowMs: number): Note {
  const note = withKind(clone(NoteSchema, changed));
  if (note.kind !== current.kind) throw otherKind("note", "the kind of a note cannot be changed");
  const { name, createTime } = current;
  return { ...note, name, ...(createTime && { createTime }), updateTime: timestampFromMs(nowMs) };
}

function withKind(note: Note): Note {
  const kind = kindOf(note.type.case);
  if (kind === undefined) throw required("note.type");
  return { ...note, kind };
}
