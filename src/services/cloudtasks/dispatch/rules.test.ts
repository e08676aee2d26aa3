import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { RetryConfigSchema } from "../../../gen/google/cloud/tasks/v2/queue_pb.js";
import {
  UriOverride_Scheme as Scheme,
  UriOverride_UriOverrideEnforceMode as Mode,
  UriOverrideSchema,
} from "../../../gen/google/cloud/tasks/v2/target_pb.js";
import { nextTokenMs, refilled } from "./bucket.ts";
import { overrideUrl } from "./override-url.ts";
import { retryTimeMs } from "./retry.ts";
import { afterAttempt, recovered, UNTHROTTLED } from "./throttle.ts";

test("a bucket lets a burst through, and then the rate", () => {
  const rate = { perSecond: 5, burst: 10 };
  let bucket = { tokens: 10, atMs: 0 };
  let dispatched = 0;
  for (let nowMs = 0; nowMs <= 10_000; nowMs += 10) {
    bucket = refilled(bucket, rate, nowMs);
    while (bucket.tokens >= 1) {
      bucket = { ...bucket, tokens: bucket.tokens - 1 };
      dispatched++;
    }
  }
  assert.ok(dispatched >= 59 && dispatched <= 60, String(dispatched));
  assert.equal(nextTokenMs({ tokens: 0, atMs: 0 }, rate), 200);
  assert.equal(nextTokenMs({ tokens: 1.5, atMs: 0 }, rate), 0);
  assert.equal(refilled({ tokens: 3, atMs: 100 }, rate, 50).tokens, 3);
});

test("attempts end when their number and their time are used up, as far as they are limited", () => {
  const limits = (maxAttempts: number, maxRetryMs = 0) => ({
    retryConfig: create(RetryConfigSchema, {
      maxAttempts,
      minBackoff: durationFromMs(1_000),
      maxBackoff: durationFromMs(10_000),
      maxDoublings: 2,
      ...(maxRetryMs > 0 && { maxRetryDuration: durationFromMs(maxRetryMs) }),
    }),
  });
  const after = (dispatchCount: number) => ({ dispatchCount, responseCount: 0, firstDispatchMs: 0 });
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((count) => retryTimeMs(limits(-1), after(count), 0)),
    [1_000, 2_000, 4_000, 8_000, 10_000],
  );
  assert.equal(retryTimeMs(limits(3), after(2), 0), 2_000);
  assert.equal(retryTimeMs(limits(3), after(3), 0), undefined);
  assert.equal(retryTimeMs(limits(3, 60_000), after(3), 59_000), 63_000);
  assert.equal(retryTimeMs(limits(3, 60_000), after(3), 60_000), undefined);
  assert.equal(retryTimeMs(limits(3, 60_000), after(2), 90_000), 92_000);
  assert.equal(retryTimeMs(limits(-1, 60_000), after(9), 60_000), undefined);
  assert.equal(retryTimeMs(limits(3), after(1), 0, 7_000), 7_000);
});

test("a queue is slowed down by 429, 503 and many failures, and recovers", () => {
  let throttle = afterAttempt(UNTHROTTLED, false, 503, 10_000);
  assert.equal(throttle.factor, 0.5);
  throttle = afterAttempt(throttle, false, 429, 10_500);
  assert.equal(throttle.factor, 0.5);
  throttle = afterAttempt(throttle, false, 429, 11_000);
  assert.equal(throttle.factor, 0.3);
  for (let second = 12; second < 30; second++) throttle = afterAttempt(throttle, false, 429, second * 1000);
  assert.ok(Math.abs(throttle.factor - 0.1) < 0.001);
  assert.ok(Math.abs(recovered(throttle, 34_000).factor - 0.6) < 0.001);
  assert.equal(recovered(throttle, 60_000).factor, 1);
  let failing = UNTHROTTLED;
  for (let count = 0; count < 30; count++) failing = afterAttempt(failing, false, 500, 10_000);
  assert.equal(failing.factor, 0.5);
  let mixed = UNTHROTTLED;
  for (let count = 0; count < 100; count++) mixed = afterAttempt(mixed, count % 3 > 0, 500, 10_000);
  assert.equal(mixed.factor, 1);
});

test("a queue overrides what its tasks are sent to, always or where they say nothing", () => {
  const override = create(UriOverrideSchema, {
    scheme: Scheme.HTTPS,
    host: "b.example",
    port: 444n,
    pathOverride: { path: "/over" },
    queryOverride: { queryParams: "a=1&b=2" },
  });
  assert.equal(overrideUrl("http://a.example:81/x?y", override), "https://b.example:444/over?a=1&b=2");
  const lacking = { ...override, uriOverrideEnforceMode: Mode.IF_NOT_EXISTS };
  assert.equal(overrideUrl("http://a.example:81/x?y", lacking), "http://a.example:81/x?y");
  assert.equal(overrideUrl("http://a.example", lacking), "http://a.example:444/over?a=1&b=2");
  assert.equal(overrideUrl("http://a.example/x", undefined), "http://a.example/x");
  assert.equal(
    overrideUrl("http://a.example:81/x", create(UriOverrideSchema, { host: "c.example" })),
    "http://c.example/x",
  );
});
