import assert from "node:assert/strict";
import { test } from "node:test";
import { bootApi } from "../../../../tests/support/boot-api.ts";
import { digestOf } from "../../../oci/digest.ts";
import type { Principal } from "../../../wire/credentials/principal.ts";
import { artifactregistry } from "../module.ts";

const HOST = "https://us-central1-docker.pkg.dev";
const REPOSITORY = "/v1/projects/demo/locations/us-central1/repositories";
const NOBODY = { kind: "anonymous" } as const;

async function boot() {
  const api = await bootApi((deps) => [artifactregistry(deps)]);
  await api.json("POST", `${REPOSITORY}?repositoryId=images`, {});
  const ask = (path: string, as: Principal, init: RequestInit = {}) =>
    api.api.deps.fetchInProcess(new Request(`${HOST}${path}`, init), as);
  const blob = `/v2/demo/images/app/blobs/${digestOf("layer")}`;
  const push = `/v2/demo/images/app/blobs/uploads/?digest=${digestOf("layer")}`;
  await ask(push, { kind: "owner" }, { method: "POST", body: "layer" });
  return { api, ask, blob, push };
}

test("where an identity is needed, docker is told where to get a token", async () => {
  const { api, ask, blob } = await boot();
  await using _ = api;
  const challenge = `Bearer realm="${HOST}/v2/token",service="us-central1-docker.pkg.dev"`;
  for (const path of ["/v2/", blob]) {
    const answer = await ask(path, NOBODY);
    assert.deepEqual([answer.status, answer.headers.get("www-authenticate")], [401, challenge]);
  }
  assert.equal((await ask("/v2/", { kind: "owner" })).status, 200);
});

test("a docker login with an access token gets that token, and no other login gets one", async () => {
  const { api, ask } = await boot();
  await using _ = api;
  const { token } = await api.api.deps.tokens.issueAccessToken("me@example.com", []);
  const login = (username: string, password: string) => {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    return ask("/v2/token?service=x&scope=repository:demo/images/app:pull", NOBODY, { headers: { authorization } });
  };
  const good = await login("oauth2accesstoken", token);
  assert.deepEqual([good.status, ((await good.json()) as { token: string }).token], [200, token]);
  assert.equal((await login("oauth2accesstoken", "ya29.other")).status, 401);
  assert.equal((await login("someone", token)).status, 401);
  assert.equal((await ask("/v2/token", NOBODY)).status, 401);
});

test("what is open to allUsers can be pulled, not pushed", async () => {
  const { api, ask, blob, push } = await boot();
  await using _ = api;
  const bindings = [{ role: "roles/artifactregistry.reader", members: ["allUsers"] }];
  await api.json("POST", `${REPOSITORY}/images:setIamPolicy`, { policy: { bindings } });
  assert.equal(await (await ask(blob, NOBODY)).text(), "layer");
  assert.equal((await ask(push, NOBODY, { method: "POST", body: "layer" })).status, 401);
});

test("tags of a repository that says so stay where they are", async () => {
  const { api, ask } = await boot();
  await using _ = api;
  await api.json("PATCH", `${REPOSITORY}/images?updateMask=dockerConfig`, { dockerConfig: { immutableTags: true } });
  const put = (annotation: string) => {
    const mediaType = "application/vnd.oci.image.index.v1+json";
    const body = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [], annotations: { a: annotation } });
    const init = { method: "PUT", body, headers: { "content-type": mediaType } };
    return ask("/v2/demo/images/app/manifests/v1", { kind: "owner" }, init);
  };
  assert.equal((await put("one")).status, 201);
  assert.equal((await put("one")).status, 201);
  const moved = await put("two");
  assert.deepEqual([moved.status, /immutability/.test(await moved.text())], [400, true]);
  const tag = await api.json("DELETE", `${REPOSITORY}/images/packages/app/tags/v1`);
  assert.equal(tag.status, 400);
});
