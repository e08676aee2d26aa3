import { create, type Registry, toJsonString } from "@bufbuild/protobuf";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { MonitoredResourceSchema } from "../../gen/google/api/monitored_resource_pb.js";
import { type LogEntry, LogEntrySchema } from "../../gen/google/logging/v2/log_entry_pb.js";
import type { WriteLogEntriesRequest } from "../../gen/google/logging/v2/logging_pb.js";
import { invalidArgument } from "../../wire/errors.ts";
import { MAX_ENTRY_BYTES } from "./limits.ts";
import type { EntryRow } from "./store.ts";

const LOG_NAME = /^projects\/([^/]+)\/logs\/([A-Za-z0-9._%~-]+)$/;

export interface EntryDefaults {
  readonly nowMs: number;
  readonly newInsertId: () => string;
  readonly idOfProject: (idOrNumber: string) => string;
}

/**
 * An entry of a write request as it is stored: log, resource, labels, times and insert id filled in.
 * Google: logging.proto, WriteLogEntriesRequest. INVALID_ARGUMENT when it has no valid log name.
 */
export function completeEntry(entry: LogEntry, request: WriteLogEntriesRequest, defaults: EntryDefaults): LogEntry {
  const logName = canonicalLogName(entry.logName || request.logName, defaults);
  const now = timestampFromMs(defaults.nowMs);
  return {
    ...entry,
    logName,
    resource: entry.resource ?? request.resource ?? create(MonitoredResourceSchema, { type: "global" }),
    labels: { ...request.labels, ...entry.labels },
    timestamp: entry.timestamp ?? now,
    receiveTimestamp: now,
    insertId: entry.insertId || defaults.newInsertId(),
  };
}

/** The row of a complete entry; INVALID_ARGUMENT when it is larger than Cloud Logging takes. */
export function rowOf(entry: LogEntry, registry: Registry): Omit<EntryRow, "id"> {
  const message = toJsonString(LogEntrySchema, entry, { registry });
  if (Buffer.byteLength(message) > MAX_ENTRY_BYTES) {
    throw invalidArgument(
      `Log entry with size: ${Buffer.byteLength(message)} exceeds maximum size of ${MAX_ENTRY_BYTES} bytes.`,
    );
  }
  const project = LOG_NAME.exec(entry.logName)![1]!;
  return { project, log_name: entry.logName, timestamp_ms: timestampMs(entry.timestamp!), message };
}

function canonicalLogName(logName: string, { idOfProject }: EntryDefaults): string {
  const match = LOG_NAME.exec(logName);
  if (!match) {
    const description = `Invalid log name '${logName}': expected projects/PROJECT_ID/logs/LOG_ID with a URL-encoded log id.`;
    throw invalidArgument(description, [{ field: "log_name", description }]);
  }
  return `projects/${idOfProject(match[1]!)}/logs/${match[2]}`;
}
