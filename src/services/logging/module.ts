import { createRegistry, type Registry } from "@bufbuild/protobuf";
import { file_google_cloud_audit_audit_log } from "../../gen/google/cloud/audit/audit_log_pb.js";
import { LoggingServiceV2 } from "../../gen/google/logging/v2/logging_pb.js";
import { file_google_rpc_error_details } from "../../gen/google/rpc/error_details_pb.js";
import { type ChangeNotices, createChangeNotices } from "../../wire/change-notices.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { ServiceModule } from "../../wire/service-module.ts";
import { RETENTION_CHECK_MS, RETENTION_MS } from "./limits.ts";
import { loggingMigrations } from "./migrations.ts";
import { createLogStore, type LogStore } from "./store.ts";
import { deleteLog } from "./v2/deleteLog.ts";
import { listLogEntries } from "./v2/listLogEntries.ts";
import { listLogs } from "./v2/listLogs.ts";
import { tailLogEntries } from "./v2/tailLogEntries.ts";
import { writeLogEntries } from "./v2/writeLogEntries.ts";

export type LoggingDeps = Pick<ServiceDeps, "store" | "clock" | "ids" | "projects" | "wakeups">;

/** What the RPCs of this service share. */
export interface LoggingContext {
  readonly deps: LoggingDeps;
  readonly store: LogStore;
  readonly changes: ChangeNotices;
  /** Payload types that entries may hold in proto_payload. */
  readonly registry: Registry;
}

/** Wake-up kind that deletes entries past their retention. */
const RETENTION = "logging.retention";

/** logging.googleapis.com: log entries, kept for 30 days. */
export function logging(deps: LoggingDeps): ServiceModule {
  const store = createLogStore(deps.store);
  const changes = createChangeNotices(deps.clock);
  const context = {
    deps,
    store,
    changes,
    registry: createRegistry(file_google_cloud_audit_audit_log, file_google_rpc_error_details),
  };
  return {
    name: "logging",
    services: [LoggingServiceV2],
    rpcs: [writeLogEntries, listLogEntries, tailLogEntries, listLogs, deleteLog].map((define) => define(context)),
    anyTypes: [file_google_cloud_audit_audit_log],
    migrations: loggingMigrations,
    reconcilers: {
      async [RETENTION]() {
        await store.deleteBefore(deps.clock.nowMs() - RETENTION_MS);
        return { settled: false, retryInMs: RETENTION_CHECK_MS };
      },
    },
    start: () => deps.wakeups.wakeNow(RETENTION, "_Default"),
  };
}
