import { Grafeas, OccurrenceSchema } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { filteredPage } from "../filtered-page.ts";
import { findNote } from "../find.ts";

/** Grafeas.ListNoteOccurrences: the occurrences of a note in every project. */
export const listNoteOccurrences = (deps: Deps) =>
  rpc(
    Grafeas.method.listNoteOccurrences,
    { permission: "containeranalysis.notes.listOccurrences", audit: "ADMIN_READ" },
    async ({ name, filter, pageSize, pageToken }) => {
      await findNote(deps, name);
      const ofNote = `note_name=${JSON.stringify(name)}`;
      const combined = filter === "" ? ofNote : `(${filter}) AND ${ofNote}`;
      const parent = name.includes("/locations/") ? "projects/-/locations/-" : "projects/-";
      const list = { parent, filter: combined, pageSize, pageToken };
      const { page, nextPageToken } = await filteredPage(deps.occurrences, OccurrenceSchema, list);
      return { occurrences: page, nextPageToken };
    },
  );
