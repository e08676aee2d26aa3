import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createAuthenticate } from "./authenticate.ts";
import type { Tokens } from "./tokens.ts";

const tokens = {
  verifyAccessToken: async (token: string) =>
    token === "good" ? { email: "a@p.iam.gserviceaccount.com", subject: "1", scopes: [], expireTimeMs: 0 } : undefined,
  verifyIdToken: async () => undefined,
} as unknown as Tokens;

describe("authentication", () => {
  const authenticate = createAuthenticate(tokens);

  for (const address of ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"]) {
    test(`a caller on ${address} without a credential is the machine's owner`, async () => {
      assert.deepEqual(await authenticate(undefined, address), { kind: "owner" });
    });
  }

  for (const address of ["10.171.4.7", "192.168.1.2", "fe80::1", "", "unknown"]) {
    test(`a caller on "${address}" without a credential is anonymous`, async () => {
      assert.deepEqual(await authenticate(undefined, address), { kind: "anonymous" });
    });
  }

  test("a valid token tells who calls, wherever from; another one is refused", async () => {
    const caller = { kind: "serviceAccount", email: "a@p.iam.gserviceaccount.com" };
    assert.deepEqual(await authenticate("Bearer good", "10.0.0.1"), caller);
    await assert.rejects(authenticate("Bearer bad", "127.0.0.1"), /invalid authentication credentials/);
  });
});
