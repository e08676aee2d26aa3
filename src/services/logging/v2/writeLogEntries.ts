import { LoggingServiceV2 } from "../../../gen/google/logging/v2/logging_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { completeEntry, rowOf } from "../log-entry.ts";
import type { LoggingContext } from "../module.ts";

/**
 * Writes entries: all or none, or with `partial_success` the valid ones; the first invalid one is the error in both
 * cases. `dry_run` only checks them.
 */
export const writeLogEntries = ({ deps, keep, registry }: LoggingContext) =>
  rpc(
    LoggingServiceV2.method.writeLogEntries,
    { permission: "logging.logEntries.create", audit: "none" },
    async (request) => {
      const defaults = {
        nowMs: deps.clock.nowMs(),
        newInsertId: () => deps.ids.text(17),
        idOfProject: deps.projects.idOf,
      };
      const checked = request.entries.map((entry) =>
        attempt(() => rowOf(completeEntry(entry, request, defaults), registry)),
      );
      const invalid = checked.find((each) => "error" in each);
      if (invalid && !request.partialSuccess) throw invalid.error;
      const rows = checked.flatMap((each) => ("row" in each ? [each.row] : []));
      if (!request.dryRun) await keep(rows);
      if (invalid) throw invalid.error;
      return {};
    },
  );

function attempt<Row>(make: () => Row): { readonly row: Row } | { readonly error: unknown } {
  try {
    return { row: make() };
  } catch (error) {
    return { error };
  }
}
