import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createAuthenticate } from "./authenticate.ts";
import type { Tokens } from "./tokens.ts";

const tokens = {
  verifyAccessToken: async (token: string) =>
    token === "good" ? { email: "a@p.iam.gserviceaccount.com", subject: "1", scopes: [], expireTimeMs: 0 } : undefined,
  verifyIdToken: async (token: string) =>
    token === "id" ? { email: "a@p.iam.gserviceaccount.com", audience: "https://hello.example" } : undefined,
} as unknown as Tokens;

describe("authentication", () => {
  const authenticate = createAuthenticate(tokens);

  for (const address of ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"]) {
    test(`a caller on ${address} without a credential is the machine's owner`, async () => {
      assert.deepEqual(await authenticate({ authorization: undefined, callerIp: address }), { kind: "owner" });
    });
  }

  for (const address of ["10.171.4.7", "192.168.1.2", "fe80::1", "", "unknown"]) {
    test(`a caller on "${address}" without a credential is anonymous`, async () => {
      assert.deepEqual(await authenticate({ authorization: undefined, callerIp: address }), { kind: "anonymous" });
    });
  }

  test("a valid token tells who calls, wherever from; another one is refused", async () => {
    const caller = { kind: "serviceAccount", email: "a@p.iam.gserviceaccount.com" };
    assert.deepEqual(await authenticate({ authorization: "Bearer good", callerIp: "10.0.0.1" }), caller);
    await assert.rejects(
      authenticate({ authorization: "Bearer bad", callerIp: "127.0.0.1" }),
      /invalid authentication credentials/,
    );
  });

  test("an ID token, which whoever it was sent to could pass on, is no credential for APIs", async () => {
    const call = authenticate({ authorization: "Bearer id", callerIp: "127.0.0.1" });
    await assert.rejects(call, /invalid authentication credentials/);
  });

  test("a web page in a browser on this machine is not its owner, but may show a token", async () => {
    const page = { callerIp: "127.0.0.1", isFromForeignPage: true };
    assert.deepEqual(await authenticate({ ...page, authorization: undefined }), { kind: "anonymous" });
    assert.equal((await authenticate({ ...page, authorization: "Bearer good" })).kind, "serviceAccount");
  });
});
