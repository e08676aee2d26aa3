import { Grafeas } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findOccurrence } from "../find.ts";

/** Grafeas.DeleteOccurrence. */
export const deleteOccurrence = (deps: Deps) =>
  rpc(
    Grafeas.method.deleteOccurrence,
    { permission: "containeranalysis.occurrences.delete", audit: "ADMIN_WRITE" },
    async ({ name }) => {
      await deps.store.transact(async (transaction) => {
        await findOccurrence(deps, name, transaction);
        await deps.occurrences.delete(transaction, name);
        await deps.policies.delete(transaction, name);
      });
      return {};
    },
  );
