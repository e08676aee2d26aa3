import { createRegistry, type Registry } from "@bufbuild/protobuf";
import { file_google_cloud_audit_audit_log } from "../../gen/google/cloud/audit/audit_log_pb.js";
import { ConfigServiceV2 } from "../../gen/google/logging/v2/logging_config_pb.js";
import { LoggingServiceV2 } from "../../gen/google/logging/v2/logging_pb.js";
import { file_google_rpc_error_details } from "../../gen/google/rpc/error_details_pb.js";
import { type ChangeNotices, createChangeNotices } from "../../wire/change-notices.ts";
import type { TakeLogEntries } from "../../wire/log-intake.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { ServiceModule } from "../../wire/service-module.ts";
import { RETENTION_CHECK_MS, RETENTION_MS } from "./limits.ts";
import { createResourceTable } from "../../platform/store/create-resource-table.ts";
import { createOutbox } from "../../wire/outbox/outbox.ts";
import { loggingMigrations, OUTBOX_TABLE, SINKS_TABLE } from "./migrations.ts";
import { createBatches } from "./sinks/batches.ts";
import { createSinkRouter, type SinkRouter } from "./sinks/router.ts";
import { createSinks, type Sinks } from "./sinks/sinks.ts";
import { createLogStore, type LogStore } from "./store.ts";
import { createSink } from "./v2/createSink.ts";
import { deleteSink } from "./v2/deleteSink.ts";
import { getSink } from "./v2/getSink.ts";
import { listSinks } from "./v2/listSinks.ts";
import { updateSink } from "./v2/updateSink.ts";
import { deleteLog } from "./v2/deleteLog.ts";
import { listLogEntries } from "./v2/listLogEntries.ts";
import { listLogs } from "./v2/listLogs.ts";
import { tailLogEntries } from "./v2/tailLogEntries.ts";
import { writeLogEntries } from "./v2/writeLogEntries.ts";

export type LoggingDeps = Pick<ServiceDeps, "store" | "clock" | "ids" | "projects" | "wakeups" | "clients" | "log">;

/** What the RPCs of this service share. */
export interface LoggingContext {
  readonly deps: LoggingDeps;
  readonly store: LogStore;
  readonly changes: ChangeNotices;
  /** Writes entries down, leads them to sinks, and tells who waits for some. */
  readonly keep: TakeLogEntries;
  readonly sinks: Sinks;
  readonly router: SinkRouter;
  /** Payload types that entries may hold in proto_payload. */
  readonly registry: Registry;
}

const RPCS = [
  writeLogEntries,
  listLogEntries,
  tailLogEntries,
  listLogs,
  deleteLog,
  createSink,
  getSink,
  listSinks,
  updateSink,
  deleteSink,
] as const;

/** Wake-up kind that deletes entries past their retention. */
const RETENTION = "logging.retention";

/** Wake-up kind that exports what sinks want. */
const EXPORT = "logging.export";

/** logging.googleapis.com: log entries, kept for 30 days, and sinks that export them. */
export function logging(deps: LoggingDeps): ServiceModule {
  const store = createLogStore(deps.store);
  const changes = createChangeNotices(deps.clock);
  const table = createResourceTable(deps.store, SINKS_TABLE);
  const outbox = createOutbox(deps, { table: OUTBOX_TABLE, kind: EXPORT });
  const batches = createBatches(deps);
  const router = createSinkRouter({ table, outbox, batches, idOfProject: deps.projects.idOf });
  const context = {
    deps,
    store,
    changes,
    router,
    keep: keeper(deps.store, { store, changes, router }),
    sinks: createSinks({ ...deps, table, router }),
    registry: createRegistry(file_google_cloud_audit_audit_log, file_google_rpc_error_details),
  };
  return {
    name: "logging",
    services: [LoggingServiceV2, ConfigServiceV2],
    rpcs: RPCS.map((define) => define(context)),
    takeLogEntries: context.keep,
    anyTypes: [file_google_cloud_audit_audit_log],
    migrations: loggingMigrations,
    reconcilers: {
      ...outbox.reconcilers,
      ...batches.reconcilers,
      async [RETENTION]() {
        await store.deleteBefore(deps.clock.nowMs() - RETENTION_MS);
        return { settled: false, retryInMs: RETENTION_CHECK_MS };
      },
    },
    stop: outbox.stop,
    async start() {
      await router.load();
      await deps.wakeups.wakeNow(RETENTION, "_Default");
    },
  };
}

function keeper(
  { transactRelaxed }: LoggingDeps["store"],
  { store, changes, router }: Pick<LoggingContext, "store" | "changes" | "router">,
): TakeLogEntries {
  return (rows) =>
    transactRelaxed(async (transaction) => {
      await store.insert(transaction, router.kept(rows));
      await router.route(transaction, rows);
      transaction.afterCommit(() => changes.notify("entries"));
    });
}
