import { Grafeas } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { insertOccurrences } from "../insert-occurrences.ts";

/** Grafeas.CreateOccurrence. */
export const createOccurrence = (deps: Deps) =>
  rpc(
    Grafeas.method.createOccurrence,
    { permission: "containeranalysis.occurrences.create", audit: "ADMIN_WRITE" },
    async ({ parent, occurrence }) => {
      const created = await insertOccurrences(deps, parent, [occurrence!]);
      return created[0]!;
    },
  );
