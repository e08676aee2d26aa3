import { Grafeas } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { insertOccurrences } from "../insert-occurrences.ts";

/** Grafeas.BatchCreateOccurrences: all or none. */
export const batchCreateOccurrences = (deps: Deps) =>
  rpc(
    Grafeas.method.batchCreateOccurrences,
    { permission: "containeranalysis.occurrences.create", audit: "ADMIN_WRITE" },
    async ({ parent, occurrences }) => ({ occurrences: await insertOccurrences(deps, parent, occurrences) }),
  );
