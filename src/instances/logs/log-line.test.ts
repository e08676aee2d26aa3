import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLogLine } from "./log-line.ts";

const parse = (fields: unknown) => parseLogLine(JSON.stringify(fields), 1000);

test("a line that is not a JSON object is text", () => {
  for (const line of ["hello", "[1]", '"text"', "{broken", "42"]) {
    assert.deepEqual(parseLogLine(line, 1000), { timestampMs: 1000, severity: "DEFAULT", textPayload: line });
  }
});

test("severity and a message alone make a text entry", () => {
  assert.deepEqual(parse({ severity: "error", message: "no" }), {
    timestampMs: 1000,
    severity: "ERROR",
    textPayload: "no",
  });
});

test("more fields than the message make a JSON entry that keeps the message", () => {
  assert.deepEqual(parse({ severity: "WARN", message: "no", code: 7 }), {
    timestampMs: 1000,
    severity: "WARNING",
    jsonPayload: { message: "no", code: 7 },
  });
});

test("special fields move out of the payload", () => {
  const entry = parse({
    message: "m",
    severity: 500,
    time: "2026-11-20T10:00:00.123456789Z",
    httpRequest: { requestMethod: "GET", status: "200", latency: "1.5s" },
    "logging.googleapis.com/trace": "projects/demo/traces/0679686673a",
    "logging.googleapis.com/spanId": "000000000000004a",
    "logging.googleapis.com/trace_sampled": true,
    "logging.googleapis.com/insertId": "42",
    "logging.googleapis.com/labels": { user: "u1", n: 3 },
    "logging.googleapis.com/operation": { id: "op", first: true },
    "logging.googleapis.com/sourceLocation": { file: "a.js", line: "142", function: "f" },
  });
  assert.deepEqual(entry, {
    timestampMs: Date.parse("2026-11-20T10:00:00.123Z"),
    severity: "ERROR",
    httpRequest: {
      requestMethod: "GET",
      requestUrl: "",
      requestSize: 0,
      status: 200,
      responseSize: 0,
      userAgent: "",
      remoteIp: "",
      latencyMs: 1500,
      protocol: "",
    },
    traceId: "0679686673a",
    spanId: "000000000000004a",
    traceSampled: true,
    insertId: "42",
    labels: { user: "u1", n: "3" },
    operation: { id: "op", first: true },
    sourceLocation: { file: "a.js", line: "142", function: "f" },
    textPayload: "m",
  });
});

test("special fields are read as far as they are what they should be", () => {
  const entry = parse({
    message: "m",
    "logging.googleapis.com/operation": { id: 7, producer: "p", first: "yes", last: true, more: 1 },
    "logging.googleapis.com/sourceLocation": { file: "A.java", method: "run", line: "none" },
    httpRequest: { status: 200.5, requestSize: -1, responseSize: "1e400", latency: `${"9".repeat(20)}s` },
    timestampSeconds: 1e18,
    time: "9999-12-31T23:59:59.9999Z, nearly",
  });
  assert.deepEqual(entry.operation, { producer: "p", last: true });
  assert.deepEqual(entry.sourceLocation, { file: "A.java" });
  const { status, requestSize, responseSize, latencyMs } = entry.httpRequest!;
  assert.deepEqual([status, requestSize, responseSize, latencyMs], [0, 0, 0, 0]);
  assert.equal(entry.timestampMs, 1000);
  const numbered = parse({ "logging.googleapis.com/sourceLocation": { file: "a.go", line: 12, function: "f" } });
  assert.deepEqual(numbered.sourceLocation, { file: "a.go", line: "12", function: "f" });
});

test("the time may come as seconds and nanoseconds", () => {
  assert.equal(parse({ timestamp: { seconds: 5, nanos: 500_000_000 }, message: "m" }).timestampMs, 5500);
  assert.equal(parse({ timestampSeconds: "5", timestampNanos: 250_000_000, message: "m" }).timestampMs, 5250);
});

test("special fields of the wrong type stay in the payload", () => {
  const fields = { severity: "LOUD", time: "noon", httpRequest: "GET", "logging.googleapis.com/labels": 3 };
  assert.deepEqual(parse(fields), { timestampMs: 1000, severity: "DEFAULT", jsonPayload: fields });
});
