import { create, fromJson, type JsonObject, type JsonValue } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { LogSeverity } from "../../gen/google/logging/type/log_severity_pb.js";
import {
  type LogEntry,
  LogEntryOperationSchema,
  LogEntrySchema,
  LogEntrySourceLocationSchema,
} from "../../gen/google/logging/v2/log_entry_pb.js";
import { LoggingServiceV2 } from "../../gen/google/logging/v2/logging_pb.js";
import type { InstanceLogEntry } from "../../instances/serving.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import { finishedRequestEntry, isRequestLogEntry, type RequestLogEntry } from "./request-log-json.ts";
import { waitingLogs } from "./waiting-logs.ts";

/** How long entries are collected before they are written together, ms, unless there is a batch: each time costs a write to the disk. */
const BATCH_MS = 200;
const MIB = 1024 * 1024;
/** Writing more at once would keep requests waiting for milliseconds. What waits beyond the others when the log cannot keep up is dropped. */
const LIMITS = { ownBytes: 16 * MIB, allBytes: 48 * MIB, batchBytes: MIB, batchEntries: 128 };
/** Least time between two warnings of dropped entries. */
const WARN_EACH_MS = 10_000;
/** Most times as long as it took to write entries is left to requests before the next are written. */
const REST_FACTOR = 3;
/** Cloud Logging's own insert ids have this many characters; the last of ours number the entries of a batch. */
const INSERT_ID_LENGTH = 17;
const NUMBER_LENGTH = 3;

const LOG_IDS = {
  stdout: "run.googleapis.com%2Fstdout",
  stderr: "run.googleapis.com%2Fstderr",
  requests: "run.googleapis.com%2Frequests",
  system: "run.googleapis.com%2Fvarlog%2Fsystem",
} as const;

/** Takes log entries of instances and writes them to Cloud Logging; never throws, never blocks. */
export interface InstanceLogs extends AsyncDisposable {
  write(entry: InstanceLogEntry): void;
}

type InstanceLogsDeps = Pick<ServiceDeps, "clients" | "clock" | "ids" | "log" | "takeLogEntries">;

/** Collects entries for a moment and writes them in batches, in order. */
export function createInstanceLogs(deps: InstanceLogsDeps): InstanceLogs {
  const waiting = waitingLogs(LIMITS);
  let dropped = 0;
  let warnedMs = -Infinity;
  let flushing: Promise<void> | undefined;
  let closing = false;
  let full = Promise.withResolvers<void>();

  /** Waits for a batch, but not for long. */
  async function collect(): Promise<void> {
    full = Promise.withResolvers();
    await Promise.race([deps.clock.sleep(BATCH_MS), full.promise]);
  }
  async function flush(): Promise<void> {
    while (waiting.count > 0) {
      // No longer than it takes: what waits is moved about by each collection of garbage.
      if (!closing && waiting.count < LIMITS.batchEntries) await collect();
      const startMs = deps.clock.nowMs();
      await writeBatch(deps, waiting.take());
      const tookMs = deps.clock.nowMs() - startMs;
      // The more entries wait, the less is left; a burst is written down after it.
      const rest = REST_FACTOR * (1 - waiting.fullness);
      if (waiting.count > 0) await deps.clock.sleep(closing ? 0 : Math.ceil(tookMs * Math.max(0, rest)));
    }
  }
  const warn = () => {
    if (dropped === 0) return;
    const nowMs = deps.clock.nowMs();
    if (nowMs < warnedMs + WARN_EACH_MS) return;
    deps.log.warning("log entries of instances were dropped: the log cannot keep up", { dropped });
    [dropped, warnedMs] = [0, nowMs];
  };
  const startFlush = () => {
    flushing ??= flush().finally(() => {
      flushing = undefined;
    });
  };
  return {
    write(entry) {
      dropped += waiting.add(entry);
      if (waiting.count === LIMITS.batchEntries) full.resolve();
      warn();
      startFlush();
    },
    async [Symbol.asyncDispose]() {
      closing = true;
      await flushing;
    },
  };
}

async function writeBatch(deps: InstanceLogsDeps, batch: InstanceLogEntry[]): Promise<void> {
  try {
    await writeRequests(deps, batch.filter(isRequestLogEntry));
    await writeLines(
      deps,
      batch.filter((entry) => !isRequestLogEntry(entry)),
    );
  } catch (error) {
    deps.log.error("log entries of instances could not be written", { count: batch.length, error });
  }
}

async function writeRequests(deps: InstanceLogsDeps, batch: readonly RequestLogEntry[]): Promise<void> {
  if (batch.length === 0) return;
  const nowMs = deps.clock.nowMs();
  // Unique with their number, which keeps entries of the same time in order, too.
  const insertIds = deps.ids.text(INSERT_ID_LENGTH - NUMBER_LENGTH);
  await deps.takeLogEntries(
    batch.map((entry, index) =>
      finishedRequestEntry(entry, nowMs, insertIds + String(index).padStart(NUMBER_LENGTH, "0")),
    ),
  );
}

async function writeLines(deps: InstanceLogsDeps, batch: readonly InstanceLogEntry[]): Promise<void> {
  if (batch.length === 0) return;
  const email = `service-${projectNumberOf(batch[0]!.workload.project.id)}@serverless-robot-prod.iam.gserviceaccount.com`;
  const entries = batch.map(toLogEntry);
  await deps.clients.of(LoggingServiceV2, { kind: "serviceAgent", email }).writeLogEntries({ entries });
}

/** The LogEntry that Cloud Run writes for a line or a request. Google: cloud.google.com/run/docs/logging. */
export function toLogEntry(entry: InstanceLogEntry): LogEntry {
  const { workload, traceId, spanId } = entry;
  const project = workload.project.id;
  return create(LogEntrySchema, {
    logName: `projects/${project}/logs/${LOG_IDS[entry.log]}`,
    timestamp: timestampFromMs(entry.timestampMs),
    severity: LogSeverity[entry.severity as keyof typeof LogSeverity] ?? LogSeverity.DEFAULT,
    resource: { type: workload.monitoredResource.type, labels: workload.monitoredResource.labels },
    labels: { instanceId: entry.instanceId, ...workload.logLabels, ...entry.labels },
    ...(entry.insertId !== undefined && { insertId: entry.insertId }),
    ...(traceId !== undefined && { trace: `projects/${project}/traces/${traceId}` }),
    ...(spanId !== undefined && { spanId }),
    traceSampled: entry.traceSampled ?? false,
    payload: payloadOf(entry),
    ...requestOf(entry),
    ...(entry.operation && { operation: fromJson(LogEntryOperationSchema, entry.operation as JsonValue) }),
    ...(entry.sourceLocation && {
      sourceLocation: fromJson(LogEntrySourceLocationSchema, entry.sourceLocation as JsonValue),
    }),
  });
}

function payloadOf({ jsonPayload, textPayload }: InstanceLogEntry): LogEntry["payload"] {
  if (jsonPayload) return { case: "jsonPayload", value: jsonPayload as JsonObject };
  return textPayload === undefined ? { case: undefined } : { case: "textPayload", value: textPayload };
}

function requestOf({ httpRequest }: InstanceLogEntry) {
  if (!httpRequest) return {};
  const { latencyMs, requestSize, responseSize, ...rest } = httpRequest;
  return {
    httpRequest: {
      ...rest,
      requestSize: BigInt(requestSize),
      responseSize: BigInt(responseSize),
      latency: durationFromMs(latencyMs),
    },
  };
}
