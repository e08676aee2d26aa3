import { Grafeas, OccurrenceSchema } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { filteredPage } from "../filtered-page.ts";
import { checkParent } from "../names.ts";

/** Grafeas.ListOccurrences, in order of their names. */
export const listOccurrences = ({ occurrences }: Deps) =>
  rpc(
    Grafeas.method.listOccurrences,
    { permission: "containeranalysis.occurrences.list", audit: "ADMIN_READ" },
    async (request) => {
      checkParent(request.parent);
      const { page, nextPageToken } = await filteredPage(occurrences, OccurrenceSchema, request);
      return { occurrences: page, nextPageToken };
    },
  );
