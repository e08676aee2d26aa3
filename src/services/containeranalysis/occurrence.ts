import { clone } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Note, type Occurrence, OccurrenceSchema } from "../../gen/grafeas/v1/grafeas_pb.js";
import { otherKind, required } from "./errors.ts";
import { kindOf } from "./kinds.ts";

/** A new occurrence of a note as it is stored. Google: grafeas.proto, Occurrence. */
export function newOccurrence(request: Occurrence, note: Note, name: string, nowMs: number): Occurrence {
  const occurrence = checked(clone(OccurrenceSchema, request), note);
  const now = timestampFromMs(nowMs);
  return { ...occurrence, name, createTime: now, updateTime: now };
}

/** A changed occurrence: its name, times, resource and note stay. */
export function changedOccurrence(current: Occurrence, changed: Occurrence, note: Note, nowMs: number): Occurrence {
  const { name, resourceUri, noteName, createTime } = current;
  const kept = { name, resourceUri, noteName, ...(createTime && { createTime }) };
  return { ...checked({ ...clone(OccurrenceSchema, changed), ...kept }, note), updateTime: timestampFromMs(nowMs) };
}

function checked(occurrence: Occurrence, note: Note): Occurrence {
  if (occurrence.resourceUri === "") throw required("occurrence.resource_uri");
  const kind = kindOf(occurrence.details.case);
  if (kind === undefined) throw required("occurrence.details");
  if (kind !== note.kind) throw otherKind("occurrence.details", "the occurrence is of another kind than its note");
  return { ...occurrence, kind };
}
