import assert from "node:assert/strict";
import { test } from "node:test";
import { healthCheckRequest, isServing } from "./grpc-health.ts";

test("a request frames the service's name, also a long one", () => {
  assert.deepEqual(healthCheckRequest(""), Buffer.from([0, 0, 0, 0, 0]));
  assert.deepEqual(healthCheckRequest("ab"), Buffer.from([0, 0, 0, 0, 4, 0x0a, 2, 0x61, 0x62]));
  const long = healthCheckRequest("x".repeat(300));
  assert.deepEqual(long.subarray(0, 8), Buffer.from([0, 0, 0, 0x01, 0x2f, 0x0a, 0xac, 0x02]));
  assert.equal(long.length, 5 + 3 + 300);
});

test("only SERVING is well", () => {
  assert.equal(isServing(Buffer.from([0, 0, 0, 0, 2, 0x08, 1])), true);
  assert.equal(isServing(Buffer.from([0, 0, 0, 0, 2, 0x08, 2])), false);
  assert.equal(isServing(Buffer.from([0, 0, 0, 0, 0])), false);
});
