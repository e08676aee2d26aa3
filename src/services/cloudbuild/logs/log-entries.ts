import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Build } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { LogSeverity } from "../../../gen/google/logging/type/log_severity_pb.js";
import type { LoggingServiceV2 } from "../../../gen/google/logging/v2/logging_pb.js";
import type { Client } from "../../../wire/in-process/client.ts";
import type { LogLine, LogSink } from "./build-log.ts";

/** Writes a build's log to Cloud Logging: one entry per line in projects/P/logs/cloudbuild, resource type "build". */
export function logEntriesSink(logging: Client<typeof LoggingServiceV2>, build: Build): LogSink {
  const { projectId, id, tags } = build;
  const head = {
    logName: `projects/${projectId}/logs/cloudbuild`,
    resource: { type: "build", labels: { project_id: projectId, build_id: id, build_trigger_id: "" } },
    labels: { build_step: "MAIN", ...(tags.length > 0 && { build_tags: tags.join(",") }) },
  };
  const entryOf = ({ text, timeMs, index }: LogLine) => ({
    timestamp: timestampFromMs(timeMs),
    severity: LogSeverity.INFO,
    insertId: `${id}-${index}`,
    payload: { case: "textPayload", value: text } as const,
  });
  return {
    async write(lines) {
      if (lines.length > 0) await logging.writeLogEntries({ ...head, entries: lines.map(entryOf) });
    },
  };
}
