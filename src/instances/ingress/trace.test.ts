import assert from "node:assert/strict";
import { test } from "node:test";
import { randomIds } from "../../platform/ids.ts";
import { formatCloudTrace, formatTraceparent, traceOf } from "./trace.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";

test("traceparent counts first and gives X-Cloud-Trace-Context, and the other way round", () => {
  const trace = traceOf({ traceparent: `00-${TRACE}-00000000000000ff-01`, "x-cloud-trace-context": "1/2" }, randomIds);
  const { traceId, spanId, parentSpanId, sampled } = trace;
  assert.deepEqual([traceId, parentSpanId, sampled], [TRACE, "00000000000000ff", true]);
  assert.notEqual(spanId, parentSpanId);
  assert.equal(formatCloudTrace({ ...trace, spanId: "00000000000000ff" }), `${TRACE}/255;o=1`);
  const other = traceOf({ "x-cloud-trace-context": `${TRACE.toUpperCase()}/255;o=1` }, randomIds);
  assert.equal(other.parentSpanId, "00000000000000ff");
  assert.equal(formatTraceparent(other), `00-${TRACE}-${other.spanId}-01`);
});

test("new traces are sampled when somebody takes them", () => {
  assert.equal(traceOf({}, randomIds, true).sampled, true);
  assert.equal(traceOf({ "x-cloud-trace-context": `${TRACE}/255;o=0` }, randomIds, true).sampled, false);
});

test("a trace without span gets one; nothing or nonsense gets a new unsampled trace", () => {
  const { traceId, spanId, sampled } = traceOf({ "x-cloud-trace-context": TRACE }, randomIds);
  assert.equal(traceId, TRACE);
  assert.match(spanId, /^[0-9a-f]{16}$/);
  assert.equal(sampled, false);
  for (const headers of [{}, { traceparent: "00-xyz" }, { "x-cloud-trace-context": "zz/1" }]) {
    assert.match(formatTraceparent(traceOf(headers, randomIds)), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  }
});

test("a span number that does not fit 64 bits is nobody's", () => {
  const { spanId, parentSpanId } = traceOf({ "x-cloud-trace-context": `${TRACE}/99999999999999999999;o=1` }, randomIds);
  assert.match(spanId, /^[0-9a-f]{16}$/);
  assert.equal(parentSpanId, undefined);
});
