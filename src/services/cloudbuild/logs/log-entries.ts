import type { JsonObject } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Build } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { LogSeverity } from "../../../gen/google/logging/type/log_severity_pb.js";
import type { LoggingServiceV2 } from "../../../gen/google/logging/v2/logging_pb.js";
import type { Client } from "../../../wire/in-process/client.ts";
import type { LogLine, LogSink } from "./build-log.ts";

/** Entries of one call. */
const BATCH = 1000;

/**
 * Writes a build's log to Cloud Logging: one entry per line in projects/P/logs/cloudbuild, resource type "build". With
 * options.enable_structured_logging a line of JSON is the entry's payload, and its `severity` the entry's.
 */
export function logEntriesSink(logging: Client<typeof LoggingServiceV2>, build: Build): LogSink {
  const { projectId, id, tags } = build;
  const head = {
    logName: `projects/${projectId}/logs/cloudbuild`,
    resource: {
      type: "build",
      labels: { project_id: projectId, build_id: id, build_trigger_id: build.buildTriggerId },
    },
    labels: tags.length > 0 ? { build_tags: tags.join(",") } : {},
  };
  const isStructured = build.options?.enableStructuredLogging ?? false;
  const entryOf = (line: LogLine) => ({
    timestamp: timestampFromMs(line.timeMs),
    insertId: `${id}-${line.index}`,
    labels: { build_step: line.step },
    ...contentOf(line, isStructured),
  });
  return {
    async write(lines) {
      for (let start = 0; start < lines.length; start += BATCH)
        await logging.writeLogEntries({ ...head, entries: lines.slice(start, start + BATCH).map(entryOf) });
    },
  };
}

function contentOf({ text, message }: LogLine, isStructured: boolean) {
  const json = isStructured && message.startsWith("{") ? parseObject(message) : undefined;
  if (!json) return { severity: LogSeverity.INFO, payload: { case: "textPayload", value: text } as const };
  const { severity: name, ...value } = json;
  const known = typeof name === "string" && LogSeverity[name.toUpperCase() as keyof typeof LogSeverity];
  const severity = known || LogSeverity.INFO;
  return { severity, payload: { case: "jsonPayload", value } as const };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return undefined;
  }
}
