import assert from "node:assert/strict";
import { test } from "node:test";
import { loopbackUrl } from "./loopback-url.ts";

test("the API is reached on an address, not on any", () => {
  assert.equal(loopbackUrl("http://127.0.0.1:8484"), "http://127.0.0.1:8484");
  assert.equal(loopbackUrl("http://0.0.0.0:8484"), "http://127.0.0.1:8484");
  assert.equal(loopbackUrl("http://:::8484"), "http://[::1]:8484");
  assert.equal(loopbackUrl("http://::1:8484"), "http://[::1]:8484");
  assert.equal(loopbackUrl("http://[::1]:8484"), "http://[::1]:8484");
  assert.equal(loopbackUrl("http://localhost:80"), "http://localhost:80");
});
