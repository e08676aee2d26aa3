import { create } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { Grafeas, NoteSchema } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { applyFieldMask, populatedFields } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findNote } from "../find.ts";
import { changedNote } from "../note.ts";
import { rowWith } from "../rows.ts";

/** Grafeas.UpdateNote: the fields of the mask, or without one those that are set. */
export const updateNote = (deps: Deps) =>
  rpc(
    Grafeas.method.updateNote,
    { permission: "containeranalysis.notes.update", audit: "ADMIN_WRITE" },
    ({ name, note, updateMask }) =>
      deps.store.transact(async (transaction) => {
        const { row, message } = await findNote(deps, name, transaction);
        const mask = updateMask ?? create(FieldMaskSchema, { paths: populatedFields(NoteSchema, note!) });
        const nowMs = deps.clock.nowMs();
        const changed = changedNote(message, applyFieldMask(NoteSchema, message, note!, mask), nowMs);
        await deps.notes.update(transaction, rowWith(NoteSchema, row, changed, nowMs));
        return changed;
      }),
  );
