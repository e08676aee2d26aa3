import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "../../gen/google/rpc/code_pb.js";
import type { OutgoingRequest, OutgoingResponse } from "../http/outgoing-request.ts";
import { authorizationOf } from "./authorization.ts";
import { codeOfStatus } from "./code-of-status.ts";
import { checkHttpTarget, targetHeaders } from "./http-target.ts";
import { retryIntervalMs } from "./retry-interval.ts";
import { sendFollowing } from "./send-following.ts";

const FIELDS = { url: "url", headers: "headers", body: "body" };

test("retries are spaced as Google's example says", () => {
  const backoff = { minMs: 10_000, maxMs: 300_000, maxDoublings: 3 };
  const seconds = Array.from({ length: 9 }, (_, index) => retryIntervalMs(backoff, index + 1) / 1000);
  assert.deepEqual(seconds, [10, 20, 40, 80, 160, 240, 300, 300, 300]);
  assert.equal(retryIntervalMs({ minMs: 100, maxMs: 3_600_000, maxDoublings: 16 }, 2000), 3_600_000);
  assert.equal(retryIntervalMs({ minMs: 0, maxMs: 0, maxDoublings: 0 }, 5), 0);
  assert.equal(retryIntervalMs({ minMs: 1000, maxMs: 5000, maxDoublings: 0 }, 3), 3000);
});

test("statuses stand for codes", () => {
  assert.deepEqual([200, 204, 302, 400, 403, 404, 418, 429, 500, 502, 503, 504].map(codeOfStatus), [
    Code.OK,
    Code.OK,
    Code.UNKNOWN,
    Code.INVALID_ARGUMENT,
    Code.PERMISSION_DENIED,
    Code.NOT_FOUND,
    Code.FAILED_PRECONDITION,
    Code.RESOURCE_EXHAUSTED,
    Code.INTERNAL,
    Code.INTERNAL,
    Code.UNAVAILABLE,
    Code.DEADLINE_EXCEEDED,
  ]);
});

test("targets that are none are refused", () => {
  const fine = { url: "https://a.example/b?c", method: "POST", headers: { a: "b" }, body: Buffer.from("x") };
  checkHttpTarget(fine, FIELDS);
  for (const wrong of [
    { url: "ftp://a.example" },
    { url: "a.example" },
    { url: "http://" },
    { url: "" },
    { url: `https://a.example/${"x".repeat(2083)}` },
    { method: "GET" },
    { headers: { "a b": "c" } },
    { headers: { a: "b\r\nc: d" } },
    { headers: { a: "x".repeat(80 * 1024) } },
  ])
    assert.throws(() => checkHttpTarget({ ...fine, ...wrong }, FIELDS), JSON.stringify(wrong).slice(0, 50));
});

test("headers that Google replaces are replaced", () => {
  const given = {
    Host: "x",
    "USER-agent": "me",
    "x-google-y": "1",
    "X-CloudTasks-TaskName": "fake",
    Accept: "a",
    authorization: "z",
  };
  assert.deepEqual(targetHeaders(given, { "User-Agent": "Google", Authorization: "Bearer t" }), {
    Accept: "a",
    "User-Agent": "Google",
    Authorization: "Bearer t",
  });
});

test("tokens are for the URL unless an audience is given", async () => {
  const tokens = {
    issueIdToken: async (email: string, audience: string) => `id/${email}/${audience}`,
    issueAccessToken: async (email: string, scopes: readonly string[]) => ({
      token: `${email}/${scopes.join()}`,
      expiresInSeconds: 1,
    }),
  };
  const oidc = { serviceAccountEmail: "a@b", audience: "" };
  assert.equal(
    await authorizationOf(tokens, { case: "oidcToken", value: oidc }, "https://u"),
    "Bearer id/a@b/https://u",
  );
  const audience = { ...oidc, audience: "me" };
  assert.equal(await authorizationOf(tokens, { case: "oidcToken", value: audience }, "https://u"), "Bearer id/a@b/me");
  const oauth = { serviceAccountEmail: "a@b", scope: "" };
  const scope = "https://www.googleapis.com/auth/cloud-platform";
  assert.equal(await authorizationOf(tokens, { case: "oauthToken", value: oauth }, "https://u"), `Bearer a@b/${scope}`);
  assert.equal(await authorizationOf(tokens, { case: undefined }, "https://u"), undefined);
});

test("redirects are followed, without credentials for other hosts and without end", async () => {
  const seen: OutgoingRequest[] = [];
  const answers: Record<string, [number, string]> = {
    "http://a.example/": [307, "/same"],
    "http://a.example/same": [302, "http://b.example/get"],
    "http://b.example/loop": [307, "http://b.example/loop"],
  };
  const send = async (request: OutgoingRequest): Promise<OutgoingResponse> => {
    seen.push(request);
    const [status, location] = answers[request.url] ?? [200, undefined];
    return { status, headers: { location }, body: Buffer.alloc(0), truncated: false };
  };
  const request = {
    method: "POST",
    headers: { authorization: "t", "content-type": "c", x: "y" },
    body: "b",
    timeoutMs: 1,
  };
  assert.equal((await sendFollowing({ send }, { ...request, url: "http://a.example/" })).status, 200);
  assert.deepEqual(
    seen.map(({ url, method, headers, body }) => [url, method, Object.keys(headers).join(), body]),
    [
      ["http://a.example/", "POST", "authorization,content-type,x", "b"],
      ["http://a.example/same", "POST", "authorization,content-type,x", "b"],
      ["http://b.example/get", "GET", "x", undefined],
    ],
  );
  assert.equal((await sendFollowing({ send }, { ...request, url: "http://b.example/loop" })).status, 307);
});
