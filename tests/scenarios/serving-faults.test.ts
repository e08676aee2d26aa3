import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { leftoversOf } from "../support/leftovers.ts";
import { deploy, LOCATION } from "../support/real-functions.ts";
import { type RealServer, startRealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { warmDataFolder } from "../support/warm-data.ts";

/** Does what the path says. */
const CODE = `
const hoard = [];
exports.hello = (req, res) => {
  if (req.path === "/hog") for (;;) hoard.push(Buffer.alloc(4 * 1024 * 1024, 1));
  if (req.path === "/sleep") return;
  if (req.path === "/size") return void res.send(String(req.rawBody.length));
  res.send("fine");
};
`;
const MIB = 1024 * 1024;

describe("a request that cannot be answered", () => {
  let dataDir: string;
  let server: RealServer;
  let url: string;

  before(async () => {
    dataDir = await warmDataFolder();
    server = await startRealServer({ dataDir });
    url = await deploy(server, "hello", { code: CODE, serviceConfig: { timeoutSeconds: 2, availableMemory: "256Mi" } });
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function systemLog(pattern: RegExp): Promise<void> {
    await until(async () => {
      const filter = 'resource.type="cloud_run_revision" resource.labels.service_name="hello"';
      const body = { resourceNames: ["projects/homerun-local"], filter, orderBy: "timestamp desc", pageSize: 200 };
      return pattern.test(JSON.stringify((await server.json("POST", "/logging/v2/entries:list", body)).body));
    });
  }

  test("is told 404 where nothing is served", async () => {
    assert.equal((await server.call("https://absent-123456789012.us-central1.run.app/")).status, 404);
    assert.equal((await server.call("https://us-central1-homerun-local.cloudfunctions.net/absent")).status, 404);
  });

  test("is told 403 without a token, 401 with a forged one, and answered with the right one", async () => {
    const secret = await deploy(server, "secret", { code: CODE }, { isPublic: false });
    assert.equal((await server.call(secret)).status, 403);
    const forged = [
      { alg: "RS256", typ: "JWT" },
      { aud: secret, email: "me@example.com", exp: 4_000_000_000 },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    assert.equal((await server.call(secret, bearer(`${forged}.c2lnbmF0dXJl`))).status, 401);

    assert.equal((await server.call(secret, bearer(await idToken("stranger", secret)))).status, 403);
    const member = "serviceAccount:stranger@homerun-local.iam.gserviceaccount.com";
    const policy = { bindings: [{ role: "roles/run.invoker", members: [member] }] };
    await server.json("POST", `/run/v2/${LOCATION}/services/secret:setIamPolicy`, { policy });
    assert.deepEqual(await server.call(secret, bearer(await idToken("stranger", secret))), {
      status: 200,
      body: "fine",
    });
    const elsewhere = await idToken("stranger", "https://elsewhere.example.com");
    assert.equal((await server.call(secret, bearer(elsewhere))).status, 401);
  });

  async function idToken(accountId: string, audience: string): Promise<string> {
    const email = `${accountId}@homerun-local.iam.gserviceaccount.com`;
    await server.json("POST", "/iam/v1/projects/homerun-local/serviceAccounts", { accountId });
    const path = `/iamcredentials/v1/projects/-/serviceAccounts/${email}:generateIdToken`;
    return String((await server.json("POST", path, { audience, includeEmail: true })).body["token"]);
  }

  test("is told 413 over 32 MiB, and answered below", async () => {
    const headers = { "content-type": "application/octet-stream" };
    const post = (bytes: number) =>
      server.call(url, { method: "POST", path: "/size", headers, body: Buffer.alloc(bytes) });
    assert.deepEqual(await post(8 * MIB), { status: 200, body: String(8 * MIB) });
    assert.equal((await post(32 * MIB + 1)).status, 413);
    assert.deepEqual(await server.call(url), { status: 200, body: "fine" });
  });

  test("is told 500 when it takes too much memory; the log says why, and the next one is answered", async () => {
    assert.equal((await server.call(url, { path: "/hog" })).status, 500);
    await systemLog(/Memory limit of 256 MiB exceeded/);
    assert.deepEqual(await server.call(url), { status: 200, body: "fine" });
  });

  test("is told 504 when it takes too long, and the next one is answered", async () => {
    assert.deepEqual(await server.call(url, { path: "/sleep" }), { status: 504, body: "upstream request timeout" });
    await systemLog(/reached the maximum request timeout/);
    assert.deepEqual(await server.call(url), { status: 200, body: "fine" });
  });

  // The last test: it ends the server.
  test("leaves nothing behind when the server stops", async () => {
    assert.notDeepEqual(leftoversOf(dataDir), []);
    await server.stop();
    assert.deepEqual(leftoversOf(dataDir), []);
  });
});

function bearer(token: string) {
  return { headers: { authorization: `Bearer ${token}` } };
}
