import assert from "node:assert/strict";
import { test } from "node:test";
import { bootApi } from "../../../tests/support/boot-api.ts";
import { attachArtifact } from "../../oci/attestations/attach-artifact.ts";
import { digestOf } from "../../oci/digest.ts";
import { createDistributionClient } from "../../oci/distribution/client.ts";
import { RegistryClientError } from "../../oci/distribution/registry-client-error.ts";
import { pushImage } from "../../oci/distribution/push-image.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { createManualClock } from "../../platform/manual-clock.ts";
import { artifactregistry } from "./module.ts";

const REPOSITORY = "projects/demo/locations/us-central1/repositories/images";
const HOST = "us-central1-docker.pkg.dev";
const HOUR_MS = 60 * 60 * 1000;

async function boot() {
  const clock = createManualClock();
  const api = await bootApi((deps) => [artifactregistry(deps)], { clock });
  const created = await api.json("POST", "/v1/projects/demo/locations/us-central1/repositories?repositoryId=images", {
    format: "DOCKER",
  });
  assert.equal(created.body["done"], true);
  const { fetchInProcess } = api.api.deps;
  const client = createDistributionClient({ fetch: (request) => fetchInProcess(request, { kind: "owner" }), clock });
  const push = (name: string, text = "layer") => {
    const bytes = Buffer.from(text);
    const descriptor = { mediaType: mediaTypes.layer, digest: digestOf(bytes), size: bytes.length };
    const config = { architecture: "amd64", os: "linux", created: "2026-01-02T03:04:05Z" };
    return pushImage(client, [name], { layers: [{ descriptor, diffId: descriptor.digest, source: bytes }], config });
  };
  return { api, client, clock, push };
}

test("a pushed image shows as Docker image, package, version and tag", async () => {
  const { api, push } = await boot();
  await using _ = api;
  const { digest } = await push(`${HOST}/demo/images/web/front:v1`);
  const { body } = await api.json("GET", `/v1/${REPOSITORY}/dockerImages`);
  const [image] = body["dockerImages"] as Record<string, unknown>[];
  assert.equal(image!["name"], `${REPOSITORY}/dockerImages/web%2Ffront@${digest}`);
  assert.equal(image!["uri"], `${HOST}/demo/images/web/front@${digest}`);
  assert.deepEqual(image!["tags"], ["v1"]);
  assert.equal(image!["buildTime"], "2026-01-02T03:04:05Z");
  assert.ok(Number(image!["imageSizeBytes"]) > 5);

  const name = `${REPOSITORY}/packages/web%2Ffront`;
  const tags = await api.json("GET", `/v1/${name}/tags`);
  assert.deepEqual(tags.body, { tags: [{ name: `${name}/tags/v1`, version: `${name}/versions/${digest}` }] });
  const version = await api.json("GET", `/v1/${name}/versions/${digest}?view=FULL`);
  assert.equal((version.body["metadata"] as Record<string, unknown>)["mediaType"], mediaTypes.manifest);
  assert.equal((version.body["relatedTags"] as unknown[]).length, 1);
  const packages = await api.json("GET", `/v1beta2/${REPOSITORY}/packages`);
  assert.equal((packages.body["packages"] as { name: string }[])[0]!.name, name);
});

test("tags move through the API, and a tagged version is not deleted without force", async () => {
  const { api, client, push } = await boot();
  await using _ = api;
  const { digest } = await push(`${HOST}/demo/images/app:one`);
  const name = `${REPOSITORY}/packages/app`;
  const version = `${name}/versions/${digest}`;
  const made = await api.json("POST", `/v1/${name}/tags?tagId=two`, { version });
  assert.equal(made.body["name"], `${name}/tags/two`);
  assert.equal(await client.resolve({ host: HOST, repository: "demo/images/app", tag: "two" }), digest);
  const filter = encodeURIComponent(`version="${version}"`);
  assert.equal(((await api.json("GET", `/v1/${name}/tags?filter=${filter}`)).body["tags"] as unknown[]).length, 2);
  assert.equal((await api.json("DELETE", `/v1/${version}`)).status, 400);
  assert.equal((await api.json("DELETE", `/v1/${version}?force=true`)).body["done"], true);
  assert.equal(await client.resolve({ host: HOST, repository: "demo/images/app", tag: "one" }), undefined);
  assert.equal((await api.json("GET", `/v1/${version}`)).status, 404);
});

test("what is attached to a version goes with it", async () => {
  const { api, client, push } = await boot();
  await using _ = api;
  const { digest } = await push(`${HOST}/demo/images/app:one`);
  const attach = (subject: string, mediaType: string) =>
    attachArtifact(client, `${HOST}/demo/images/app@${subject}`, { mediaType, content: Buffer.from("{}") });
  const sbom = await attach(digest, "application/spdx+json");
  const signature = await attach(sbom, "application/vnd.example.signature");
  assert.equal(await attach(digest, "application/spdx+json"), sbom);
  const referrers = await client.listReferrers({ host: HOST, repository: "demo/images/app" }, digest);
  assert.deepEqual(
    referrers.map((referrer) => [referrer.artifactType, referrer.digest]),
    [["application/spdx+json", sbom]],
  );
  const { body: listed } = await api.json("GET", `/v1/${REPOSITORY}/dockerImages`);
  assert.equal((listed["dockerImages"] as unknown[]).length, 1);
  const versions = `${REPOSITORY}/packages/app/versions`;
  assert.equal(((await api.json("GET", `/v1/${versions}`)).body["versions"] as unknown[]).length, 3);
  assert.equal((await api.json("DELETE", `/v1/${versions}/${digest}?force=true`)).body["done"], true);
  for (const gone of [digest, sbom, signature]) {
    assert.equal((await api.json("GET", `/v1/${versions}/${gone}`)).status, 404, gone);
  }
});

test("blobs go an hour after the last manifest that names them, and shared ones stay", async () => {
  const { api, clock, push } = await boot();
  await using _ = api;
  const { digest } = await push(`${HOST}/demo/images/app:one`, "only here");
  await push(`${HOST}/demo/images/app:two`, "stays");
  await push(`${HOST}/demo/images/other:one`, "only here");
  const contents = async () => (await Array.fromAsync(api.api.deps.blobs.list("artifactregistry/"))).length;
  const pass = async (ms: number) => {
    clock.advance(ms);
    await api.api.wakeups.idle();
  };
  await pass(2 * HOUR_MS);
  assert.equal(await contents(), 4, "two layers and a configuration each");
  await api.json("DELETE", `/v1/${REPOSITORY}/packages/app/versions/${digest}?force=true`);
  await pass(2 * HOUR_MS);
  assert.equal(await contents(), 4, "the other image holds them, too");
  await api.json("DELETE", `/v1/${REPOSITORY}/packages/other`);
  await pass(HOUR_MS);
  assert.equal(await contents(), 2);
  await api.json("DELETE", `/v1/${REPOSITORY}`);
  await pass(HOUR_MS);
  assert.equal(await contents(), 0);
});

test("a repository is one of its location, and has to be there", async () => {
  const { api, client, push } = await boot();
  await using _ = api;
  await assert.rejects(push("europe-west1-docker.pkg.dev/demo/images/app:v1"), (error: unknown) => {
    return error instanceof RegistryClientError && error.status === 404;
  });
  const { digest } = await push(`${HOST}/demo/images/app:v1`);
  const local = createDistributionClient({ fetch, clock: api.api.deps.clock });
  const host = new URL(api.url).host;
  assert.equal(await local.resolve({ host, repository: "demo/images/app", tag: "v1" }), digest);
  assert.equal(await local.resolve({ host, repository: `${HOST}/demo/images/app`, tag: "v1" }), digest);
  await api.json("POST", "/v1/projects/demo/locations/asia-east1/repositories?repositoryId=images", {});
  assert.equal(await client.resolve({ host, repository: "demo/images/app", tag: "v1" }), digest);
});

test("what is not supported is refused by name, and names keep Google's rules", async () => {
  const { api } = await boot();
  await using _ = api;
  const create = async (id: string, body: object) => {
    const path = `/v1/projects/demo/locations/us-central1/repositories?repositoryId=${id}`;
    const answer = await api.json("POST", path, body);
    return [answer.status, (answer.body["error"] as { message: string } | undefined)?.message];
  };
  assert.deepEqual(await create("images", {}), [409, "the repository already exists"]);
  assert.match(String((await create("npm", { format: "NPM" }))[1]), /format NPM are not supported by homerun/);
  assert.match(String((await create("cmek", { kmsKeyName: "k" }))[1]), /kms_key_name is not supported/);
  assert.equal((await create("Bad", {}))[0], 400);
  const missing = await api.json("GET", `/v1/${REPOSITORY}x`);
  assert.equal(missing.status, 404);
});
