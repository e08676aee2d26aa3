import { Grafeas, NoteSchema } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { filteredPage } from "../filtered-page.ts";
import { checkParent } from "../names.ts";

/** Grafeas.ListNotes, in order of their names. */
export const listNotes = ({ notes }: Deps) =>
  rpc(
    Grafeas.method.listNotes,
    { permission: "containeranalysis.notes.list", audit: "ADMIN_READ" },
    async (request) => {
      checkParent(request.parent);
      const { page, nextPageToken } = await filteredPage(notes, NoteSchema, request);
      return { notes: page, nextPageToken };
    },
  );
