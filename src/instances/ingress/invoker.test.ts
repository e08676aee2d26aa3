import assert from "node:assert/strict";
import { test } from "node:test";
import { deploy, HOST, revision, SERVICE, startFloor, type TestFloor } from "../pool/testing/floor.ts";
import type { ServingDeps } from "../serving.ts";
import { send } from "./testing/send.ts";

type Call = Parameters<ServingDeps["authorizeInvoker"]>;

const JWT = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl";

/** A floor with a private service; tokens that contain a dot or "good" are known, "stranger" may not invoke. */
async function privateFloor(): Promise<TestFloor & { readonly calls: Call[] }> {
  const calls: Call[] = [];
  const floor = await startFloor({
    async authorizeInvoker(...call) {
      calls.push(call);
      if (call[1] === undefined || call[1] === "expired") return "UNAUTHENTICATED";
      return call[1] === "stranger" ? "FORBIDDEN" : "ALLOWED";
    },
  });
  deploy(floor, revision("r1"), { invokerIamChecked: true, audiences: ["my-audience"] });
  return { ...floor, calls };
}

const get = (floor: TestFloor, headers: Record<string, string>, path = "/") =>
  send(floor.port, { path, headers: { host: HOST, ...headers } });

test("without a token it is 403 with Google's sentence, and no instance starts", async () => {
  await using floor = await privateFloor();
  const { status, body } = await get(floor, {}, "/a<b");
  assert.equal(status, 403);
  assert.match(body, /Your client does not have permission to get URL <code>\/a&lt;b<\/code> from this server\./);
  const entry = await floor.entry(({ httpRequest }) => httpRequest?.status === 403);
  assert.match(entry.textPayload ?? "", /^The request was not authenticated\. /);
  assert.equal(entry.severity, "WARNING");
  assert.equal(floor.sandboxes.started, 0);
});

test("a token that does not hold is 401, one without permission 403", async () => {
  await using floor = await privateFloor();
  const expired = await get(floor, { authorization: "Bearer expired" });
  assert.equal(expired.status, 401);
  assert.match(expired.headers["www-authenticate"] ?? "", /^Bearer error="invalid_token"/);
  assert.equal((await get(floor, { authorization: "Bearer stranger" })).status, 403);
});

test("the service's own URLs and its custom audiences are accepted", async () => {
  await using floor = await privateFloor();
  await get(floor, { authorization: `Bearer ${JWT}` });
  const audiences = [
    "my-audience",
    `https://${HOST}`,
    "https://us-central1-demo.cloudfunctions.net/hello",
    `http://${HOST}`,
  ];
  assert.deepEqual(floor.calls, [
    [SERVICE, undefined, audiences],
    [SERVICE, JWT, audiences],
  ]);
});

test("the container gets the token without its signature", async () => {
  await using floor = await privateFloor();
  const { body } = await get(floor, { authorization: `Bearer ${JWT}` }, "/inspect");
  const { headers } = JSON.parse(body) as { headers: Record<string, string> };
  assert.equal(headers["authorization"], "Bearer eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.SIGNATURE_REMOVED_BY_GOOGLE");
});

test("the container gets no access token that it could use itself", async () => {
  await using floor = await privateFloor();
  const { body } = await get(floor, { "x-serverless-authorization": `Bearer ya29.${JWT}` }, "/inspect");
  const { headers } = JSON.parse(body) as { headers: Record<string, string> };
  assert.match(headers["x-serverless-authorization"]!, /^Bearer ya29\..+\.SIGNATURE_REMOVED_BY_GOOGLE$/);
});

test("X-Serverless-Authorization counts before Authorization", async () => {
  await using floor = await privateFloor();
  const headers = { authorization: "Bearer expired", "x-serverless-authorization": "bearer good" };
  assert.equal((await get(floor, headers)).status, 200);
  assert.equal(floor.calls.at(-1)?.[1], "good");
  const own = { authorization: `Bearer ${JWT}`, "x-serverless-authorization": `Bearer ${JWT}` };
  const seen = JSON.parse((await get(floor, own, "/inspect")).body) as { headers: Record<string, string> };
  assert.equal(seen.headers["authorization"], `Bearer ${JWT}`);
  assert.match(seen.headers["x-serverless-authorization"]!, /\.SIGNATURE_REMOVED_BY_GOOGLE$/);
});

test("a service that everybody may invoke gets credentials as they came: they are for its own code", async () => {
  await using floor = await startFloor({ authorizeInvoker: async () => "ALLOWED" });
  deploy(floor, revision("r1"), { invokerIamChecked: true });
  const { body } = await get(floor, { authorization: `Bearer ${JWT}` }, "/inspect");
  assert.equal((JSON.parse(body) as { headers: Record<string, string> }).headers["authorization"], `Bearer ${JWT}`);
});

test("a service without invoker check gets credentials as they came", async () => {
  await using floor = await privateFloor();
  deploy(floor, revision("r1"), { invokerIamChecked: false });
  const { body } = await get(floor, { authorization: `Bearer ${JWT}` }, "/inspect");
  assert.equal((JSON.parse(body) as { headers: Record<string, string> }).headers["authorization"], `Bearer ${JWT}`);
  assert.equal(floor.calls.length, 0);
});
