import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type JsonObject, toJson } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { LogSeverity } from "../../gen/google/logging/type/log_severity_pb.js";
import { LogEntrySchema } from "../../gen/google/logging/v2/log_entry_pb.js";
import { finishedRequestEntry, type RequestLogEntry } from "./request-log-json.ts";

const RECEIVED_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
const labels = { project_id: "demo", location: "us-central1", service_name: 'with "quotes"' };
const full = {
  workload: {
    project: { id: "demo" },
    monitoredResource: { type: "cloud_run_revision", labels },
    logLabels: { "goog-managed-by": "cloudfunctions" },
  },
  instanceId: "00ab",
  log: "requests",
  timestampMs: Date.UTC(2026, 0, 2, 3, 4, 4, 987),
  severity: "WARNING",
  textPayload: 'The request was aborted, "so".',
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  traceSampled: true,
  httpRequest: {
    requestMethod: "GET",
    requestUrl: 'http://hello.example/?"\\\u00e9',
    requestSize: 12,
    status: 404,
    responseSize: 5_000_000_000,
    userAgent: "a\tb\u00ff",
    remoteIp: "::1",
    latencyMs: 61_020,
    protocol: "HTTP/1.1",
  },
} as unknown as RequestLogEntry;

const { textPayload: _text, traceId: _trace, spanId: _span, ...bare } = full;
const nothing = { ...full.httpRequest, requestSize: 0, status: 0, responseSize: 0, userAgent: "", remoteIp: "" };
const entries: Readonly<Record<string, RequestLogEntry>> = {
  full,
  "without what may be absent": { ...bare, traceSampled: false, severity: "DEFAULT", httpRequest: nothing },
  "at a whole second": { ...full, timestampMs: 1_000, httpRequest: { ...nothing, latencyMs: 1_000 } },
  "that took no time": { ...full, httpRequest: { ...nothing, latencyMs: 0 } },
  "that took 5 ms": { ...full, timestampMs: RECEIVED_MS, httpRequest: { ...nothing, latencyMs: 5 } },
};

for (const [name, entry] of Object.entries(entries)) {
  test(`an entry ${name} is what the message would be printed as`, () => {
    const finished = finishedRequestEntry(entry, RECEIVED_MS, "insert-id");
    assert.deepEqual(JSON.parse(finished.message), printed(entry));
    const { project, log_name, timestamp_ms } = finished;
    assert.deepEqual([project, log_name, timestamp_ms], [...place(entry), entry.timestampMs]);
  });
}

test("a clock that was set back makes no negative latency", () => {
  const { message } = finishedRequestEntry({ ...full, httpRequest: { ...nothing, latencyMs: -5 } }, RECEIVED_MS, "id");
  assert.equal((JSON.parse(message) as { httpRequest: JsonObject }).httpRequest["latency"], "0s");
});

function place({ workload: { project } }: RequestLogEntry): [string, string] {
  return [project.id, `projects/${project.id}/logs/run.googleapis.com%2Frequests`];
}

function printed(entry: RequestLogEntry): JsonObject {
  const { latencyMs, requestSize, responseSize, ...rest } = entry.httpRequest;
  const message = create(LogEntrySchema, {
    logName: place(entry)[1],
    resource: entry.workload.monitoredResource,
    timestamp: timestampFromMs(entry.timestampMs),
    receiveTimestamp: timestampFromMs(RECEIVED_MS),
    severity: LogSeverity[entry.severity as keyof typeof LogSeverity],
    insertId: "insert-id",
    httpRequest: {
      ...rest,
      requestSize: BigInt(requestSize),
      responseSize: BigInt(responseSize),
      latency: durationFromMs(latencyMs),
    },
    labels: { instanceId: entry.instanceId, ...entry.workload.logLabels },
    payload: entry.textPayload === undefined ? { case: undefined } : { case: "textPayload", value: entry.textPayload },
    trace: entry.traceId === undefined ? "" : `projects/demo/traces/${entry.traceId}`,
    spanId: entry.spanId ?? "",
    traceSampled: entry.traceSampled ?? false,
  });
  return toJson(LogEntrySchema, message) as JsonObject;
}
