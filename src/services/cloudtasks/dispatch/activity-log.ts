import { create, type JsonObject } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Queue } from "../../../gen/google/cloud/tasks/v2/queue_pb.js";
import { type LogEntry, LogEntrySchema } from "../../../gen/google/logging/v2/log_entry_pb.js";
import { LoggingServiceV2 } from "../../../gen/google/logging/v2/logging_pb.js";
import { LogSeverity } from "../../../gen/google/logging/type/log_severity_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import type { DispatchDeps } from "../deps.ts";
import { parseQueueName, serviceAgentOf } from "../names.ts";
import type { TaskRow } from "../tasks/store.ts";
import { type AttemptOutcome, targetAddressOf } from "./attempt.ts";

/** Beyond these entries that wait for being written are dropped. */
const MOST_WAITING = 10_000;
const WRITTEN_TOGETHER = 500;
const TYPE = "type.googleapis.com/google.cloud.tasks.logging.v1.TaskActivityLog";

/** The operations that a queue logs when it has a sampling ratio, as Google's TaskActivityLog. Never throws, never waits. */
export interface ActivityLog {
  created(queue: Queue, row: TaskRow): void;
  dispatched(queue: Queue, row: TaskRow): void;
  responded(queue: Queue, row: TaskRow, attempt: RespondedAttempt): void;
  /** What is on its way to Cloud Logging. */
  readonly work: () => readonly Promise<unknown>[];
}

/** An attempt that has ended. */
export interface RespondedAttempt {
  readonly outcome: AttemptOutcome;
  readonly durationMs: number;
  /** When it is retried, milliseconds since the epoch. */
  readonly retryMs: number | undefined;
}

/** Entries are collected while others are being written. */
export function createActivityLog(deps: DispatchDeps): ActivityLog {
  let waiting: LogEntry[] = [];
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const [entries, rest] = [waiting.slice(0, WRITTEN_TOGETHER), waiting.slice(WRITTEN_TOGETHER)];
      waiting = rest;
      for (const [project, own] of Map.groupBy(entries, ({ logName }) => logName.split("/")[1]!))
        await write(deps, project, own);
    }
  }

  function add(queue: Queue, row: TaskRow, severity: LogSeverity, operation: () => JsonObject): void {
    const ratio = queue.stackdriverLoggingConfig?.samplingRatio ?? 0;
    if (ratio === 0 || deps.ids.fraction() >= ratio || waiting.length >= MOST_WAITING) return;
    waiting.push(entryOf(queue, row, severity, operation(), deps.clock.nowMs()));
    writing ??= writeAll().finally(() => (writing = undefined));
  }

  return {
    created(queue, row) {
      add(queue, row, LogSeverity.INFO, () => ({ taskCreationLog: { ...common(queue, row), status: "OK" } }));
    },
    dispatched(queue, row) {
      const dispatchCount = String(row.progress.dispatchCount);
      add(queue, row, LogSeverity.INFO, () => ({ attemptDispatchLog: { ...common(queue, row), dispatchCount } }));
    },
    responded(queue, row, attempt) {
      const severity = attempt.outcome.code === Code.OK ? LogSeverity.INFO : LogSeverity.ERROR;
      add(queue, row, severity, () => ({ attemptResponseLog: responseOf(queue, row, attempt) }));
    },
    work: () => (writing ? [writing] : []),
  };
}

function responseOf(queue: Queue, row: TaskRow, { outcome, durationMs, retryMs }: RespondedAttempt): JsonObject {
  return {
    ...common(queue, row),
    attemptDuration: `${(durationMs / 1000).toFixed(6)}s`,
    dispatchCount: String(row.progress.dispatchCount),
    responseCount: String(row.progress.responseCount),
    maxAttempts: queue.retryConfig?.maxAttempts ?? 0,
    status: Code[outcome.code],
    ...(retryMs !== undefined && { retryTime: new Date(retryMs).toISOString() }),
  };
}

function common(queue: Queue, row: TaskRow): JsonObject {
  const scheduleTime = new Date(row.dueMs).toISOString();
  return { targetAddress: targetAddressOf(row, queue), targetType: "HTTP", scheduleTime };
}

function entryOf({ name }: Queue, row: TaskRow, severity: LogSeverity, operation: JsonObject, nowMs: number): LogEntry {
  const { project, location, id } = parseQueueName(name);
  return create(LogEntrySchema, {
    logName: `projects/${project}/logs/cloudtasks.googleapis.com%2Ftask_operations_log`,
    resource: {
      type: "cloud_tasks_queue",
      labels: { project_id: project, location, queue_id: id, target_type: "HTTP" },
    },
    timestamp: timestampFromMs(nowMs),
    severity,
    payload: { case: "jsonPayload", value: { "@type": TYPE, task: `${name}/tasks/${row.id}`, ...operation } },
  });
}

async function write({ clients, log }: DispatchDeps, project: string, entries: readonly LogEntry[]): Promise<void> {
  try {
    await clients.of(LoggingServiceV2, serviceAgentOf(project)).writeLogEntries({ entries: [...entries] });
  } catch (error) {
    log.warning("Operations on tasks could not be logged", { project, entries: entries.length, error });
  }
}
