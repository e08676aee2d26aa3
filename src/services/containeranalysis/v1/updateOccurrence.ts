import { create } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { Grafeas, OccurrenceSchema } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { applyFieldMask, populatedFields } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findNote, findOccurrence } from "../find.ts";
import { changedOccurrence } from "../occurrence.ts";
import { rowWith } from "../rows.ts";

/** Grafeas.UpdateOccurrence: the fields of the mask, or without one those that are set. */
export const updateOccurrence = (deps: Deps) =>
  rpc(
    Grafeas.method.updateOccurrence,
    { permission: "containeranalysis.occurrences.update", audit: "ADMIN_WRITE" },
    ({ name, occurrence, updateMask }) =>
      deps.store.transact(async (transaction) => {
        const { row, message } = await findOccurrence(deps, name, transaction);
        const note = await findNote(deps, message.noteName, transaction);
        const mask = updateMask ?? create(FieldMaskSchema, { paths: populatedFields(OccurrenceSchema, occurrence!) });
        const patched = applyFieldMask(OccurrenceSchema, message, occurrence!, mask);
        const nowMs = deps.clock.nowMs();
        const changed = changedOccurrence(message, patched, note.message, nowMs);
        await deps.occurrences.update(transaction, rowWith(OccurrenceSchema, row, changed, nowMs));
        return changed;
      }),
  );
