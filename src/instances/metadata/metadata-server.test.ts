import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { silentLog } from "../../platform/log.ts";
import type { InstanceIdentity, Listening } from "../serving.ts";
import { createMetadataServer } from "./metadata-server.ts";

const EMAIL = "123-compute@developer.gserviceaccount.com";

const identity: InstanceIdentity = {
  accessToken: async (email, scopes) => ({ token: `token:${email}:${scopes.join("+")}`, expiresInSeconds: 3599 }),
  idToken: async (email, audience) => `jwt:${email}:${audience}`,
};

const client = {
  project: { id: "demo", number: "123" },
  location: "us-central1",
  instanceId: "00bf4bf02d",
  serviceAccountEmail: EMAIL,
};

const server = createMetadataServer({ identity, log: silentLog });
let listening: Listening;
let registration: Disposable;

before(async () => {
  listening = await server.listen({ host: "127.0.0.1", port: 0 });
  registration = server.register("127.0.0.1", client);
});

after(() => server[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = { "Metadata-Flavor": "Google" }) =>
  fetch(`http://127.0.0.1:${listening.port}${path}`, { headers, redirect: "manual" });

const value = async (path: string) => {
  const response = await get(`/computeMetadata/v1/${path}`);
  assert.equal(response.status, 200, path);
  assert.equal(response.headers.get("metadata-flavor"), "Google");
  return response.text();
};

test("documented values", async () => {
  assert.equal(await value("project/project-id"), "demo");
  assert.equal(await value("project/numeric-project-id"), "123");
  assert.equal(await value("instance/region"), "projects/123/regions/us-central1");
  assert.equal(await value("instance/zone"), "projects/123/zones/us-central1-1");
  assert.equal(await value("instance/id"), "00bf4bf02d");
  assert.equal(await value("universe/universe-domain"), "googleapis.com");
  assert.equal(await value("instance/service-accounts/default/email"), EMAIL);
  assert.equal(await value(`instance/service-accounts/${EMAIL}/aliases`), "default\n");
  assert.equal(
    await value("instance/service-accounts/default/scopes"),
    "https://www.googleapis.com/auth/cloud-platform\n",
  );
});

test("access tokens, with the scopes that are asked for", async () => {
  assert.deepEqual(JSON.parse(await value("instance/service-accounts/default/token")), {
    access_token: `token:${EMAIL}:https://www.googleapis.com/auth/cloud-platform`,
    expires_in: 3599,
    token_type: "Bearer",
  });
  const scoped = JSON.parse(await value(`instance/service-accounts/${EMAIL}/token?scopes=a,b`)) as {
    access_token: string;
  };
  assert.equal(scoped.access_token, `token:${EMAIL}:a+b`);
});

test("identity tokens for an audience, which must be given", async () => {
  const path = "instance/service-accounts/default/identity";
  assert.equal(await value(`${path}?audience=https://a.run.app&format=full`), `jwt:${EMAIL}:https://a.run.app`);
  const missing = await get(`/computeMetadata/v1/${path}`);
  assert.deepEqual([missing.status, await missing.text()], [400, "non-empty audience parameter required\n"]);
});

test("folders list their entries, as text or as JSON", async () => {
  assert.equal(await value(""), "instance/\nproject/\nuniverse/\n");
  assert.equal(await value("instance/service-accounts/"), `default/\n${EMAIL}/\n`);
  assert.equal(await value("instance/service-accounts/default/"), "aliases\nemail\nidentity\nscopes\ntoken\n");
  const account = { aliases: ["default"], email: EMAIL, scopes: ["https://www.googleapis.com/auth/cloud-platform"] };
  assert.deepEqual(JSON.parse(await value("instance/service-accounts/default/?recursive=true")), account);
  assert.deepEqual(JSON.parse(await value("?recursive=true&alt=json")), {
    instance: {
      id: "00bf4bf02d",
      region: "projects/123/regions/us-central1",
      serviceAccounts: { default: account, [EMAIL]: account },
      zone: "projects/123/zones/us-central1-1",
    },
    project: { numericProjectId: 123, projectId: "demo" },
    universe: { universeDomain: "googleapis.com" },
  });
  assert.equal(await value("project/project-id?alt=json"), '"demo"');
  const redirect = await get("/computeMetadata/v1/instance");
  assert.deepEqual([redirect.status, redirect.headers.get("location")], [301, "/computeMetadata/v1/instance/"]);
});

test("the root answers without a header, everything else wants Metadata-Flavor and no X-Forwarded-For", async () => {
  const root = await get("/", {});
  assert.deepEqual([root.status, root.headers.get("metadata-flavor")], [200, "Google"]);
  assert.equal((await get("/computeMetadata/v1/project/project-id", {})).status, 403);
  const forwarded = { "Metadata-Flavor": "Google", "X-Forwarded-For": "10.0.0.1" };
  assert.equal((await get("/computeMetadata/v1/project/project-id", forwarded)).status, 403);
});

test("unknown paths are 404, prototype names too", async () => {
  for (const path of [
    "/other",
    "/computeMetadata/v1/instance/nope",
    "/computeMetadata/v1/constructor",
    "/computeMetadata/v1/instance/id/",
    "/computeMetadata/v1x",
  ]) {
    assert.equal((await get(path)).status, 404, path);
  }
});

test("only registered addresses are answered", async () => {
  registration[Symbol.dispose]();
  assert.equal((await get("/computeMetadata/v1/project/project-id")).status, 404);
  registration = server.register("127.0.0.1", { ...client, project: { id: "other", number: "9" } });
  assert.equal(await value("project/project-id"), "other");
  registration[Symbol.dispose]();
  registration = server.register("127.0.0.1", client);
});

test("Google's own client library takes it for a metadata server", async () => {
  process.env["GCE_METADATA_HOST"] = `127.0.0.1:${listening.port}`;
  const { GoogleAuth, Compute } = await import("google-auth-library");
  const { default: metadata } = await import("gcp-metadata");
  assert.equal(await metadata.isAvailable(), true);
  assert.equal(await metadata.project("project-id"), "demo");
  assert.equal((await new Compute().getAccessToken()).token?.startsWith(`token:${EMAIL}:`), true);
  const idTokens = await new GoogleAuth().getIdTokenClient("https://hello-123.us-central1.run.app");
  assert.equal(await idTokens.idTokenProvider.fetchIdToken("https://a"), `jwt:${EMAIL}:https://a`);
});
