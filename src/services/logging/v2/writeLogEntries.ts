import { LoggingServiceV2 } from "../../../gen/google/logging/v2/logging_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { completeEntry, rowOf } from "../log-entry.ts";
import type { LoggingContext } from "../module.ts";

/** Writes entries, all or none; `dry_run` only checks them. */
export const writeLogEntries = ({ deps, store, changes, registry }: LoggingContext) =>
  rpc(
    LoggingServiceV2.method.writeLogEntries,
    { permission: "logging.logEntries.create", audit: "none" },
    async (request) => {
      const defaults = {
        nowMs: deps.clock.nowMs(),
        newInsertId: () => deps.ids.text(17),
        idOfProject: deps.projects.idOf,
      };
      const rows = request.entries.map((entry) => rowOf(completeEntry(entry, request, defaults), registry));
      if (request.dryRun) return {};
      await deps.store.transact(async (transaction) => {
        await store.insert(transaction, rows);
        transaction.afterCommit(() => changes.notify("entries"));
      });
      return {};
    },
  );
