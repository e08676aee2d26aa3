import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { RUNTIMES as BASE_IMAGE_RUNTIMES } from "../../oci/base/runtimes.ts";
import { zipOf } from "../../../tests/support/archives.ts";
import { bootFunctions, type BootedFunctions, type Json } from "../../../tests/support/boot-functions.ts";
import { getObject } from "../../../tests/support/boot-cloudbuild.ts";
import { functionsClient, type FunctionsClient, messageOf, PARENT } from "../../../tests/support/functions-client.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";

const NUMBER = projectNumberOf("demo");
const HOST = "us-central1-docker.pkg.dev";

describe("Cloud Functions", () => {
  let booted: BootedFunctions;
  let client: FunctionsClient;
  const source = { current: {} as Json };
  before(async () => {
    booted = await bootFunctions();
    client = functionsClient(booted, source);
    source.current = await booted.upload(await zipOf({ "index.js": "exports.hello = 1", "package.json": "{}" }));
  });
  after(() => booted[Symbol.asyncDispose]());

  test("a deleted function takes service, source and images with it", async () => {
    const fn = await client.deployed("gone", "x");
    const image = { host: HOST, repository: "demo/gcf-artifacts/demo__us--central1__gone", tag: "version_1" };
    assert.ok(await booted.registry.resolve(image));
    const answer = await client.remove("gone");
    const operation = await booted.wait(answer);
    assert.deepEqual(operation["response"], { "@type": "type.googleapis.com/google.protobuf.Empty" });
    assert.equal((await client.remove("gone")).status, 404);
    assert.equal((await booted.api.json("GET", `/run/v2/${PARENT}/services/gone`)).status, 404);
    assert.equal(await booted.registry.resolve(image), undefined);
    const { storageSource } = fn.buildConfig["source"] as { storageSource: { bucket: string; object: string } };
    assert.equal(await getObject(booted.api, storageSource.bucket, storageSource.object), undefined);
    assert.equal((await booted.wait(await client.create("gone", client.bodyOf("gone", "back"))))["error"], undefined);
  });

  test("the update policy decides whether the service follows newer base images", async () => {
    const baseImageOf = async (id: string) => {
      const { body } = await booted.api.json("GET", `/run/v2/${PARENT}/services/${id}`);
      return (body["template"] as { containers: { baseImageUri?: string }[] }).containers[0]!.baseImageUri;
    };
    const automatic = await client.deployed("followed", "x");
    assert.deepEqual(automatic.buildConfig["automaticUpdatePolicy"], {});
    assert.equal(await baseImageOf("followed"), `${HOST}/serverless-runtimes/google-22-full/runtimes/nodejs22`);
    const change = { buildConfig: { onDeployUpdatePolicy: { runtimeVersion: "mine" } } };
    const mask = "updateMask=buildConfig.onDeployUpdatePolicy";
    const path = `/cloudfunctions/v2/${PARENT}/functions/followed?${mask}`;
    assert.equal((await booted.wait(await booted.api.json("PATCH", path, change)))["error"], undefined);
    const { buildConfig } = (await client.get("followed")) as { buildConfig: Json };
    assert.deepEqual(buildConfig["onDeployUpdatePolicy"], { runtimeVersion: "nodejs22_22_1_0_0123456789ab" });
    assert.equal(await baseImageOf("followed"), undefined);
  });

  test("lists by filter, order and page over all locations", async () => {
    await client.deployed("list-a", "x");
    await client.deployed("list-b", "x");
    const list = (query: string) =>
      booted.api.json("GET", `/cloudfunctions/v2/projects/demo/locations/-/functions?${query}`);
    const filter = encodeURIComponent(`environment="GEN_2" AND name=${PARENT}/functions/list-*`);
    const names = ({ body }: { body: Json }) =>
      ((body["functions"] as { name: string }[] | undefined) ?? []).map(({ name }) => name.split("/").at(-1));
    assert.deepEqual(names(await list(`filter=${filter}`)), ["list-a", "list-b"]);
    assert.deepEqual(names(await list(`filter=${filter}&orderBy=create_time%20desc`)), ["list-b", "list-a"]);
    const first = await list(`filter=${filter}&pageSize=1`);
    assert.deepEqual(names(first), ["list-a"]);
    const second = await list(`filter=${filter}&pageSize=1&pageToken=${String(first.body["nextPageToken"])}`);
    assert.deepEqual(names(second), ["list-b"]);
    assert.equal(second.body["nextPageToken"], undefined);
    assert.deepEqual(names(await list('filter=environment="GEN_1"')), []);
    assert.equal((await list("orderBy=colour")).status, 400);
  });

  test("v2beta and v1 answer as gcloud needs them", async () => {
    await client.deployed("aliased", "x");
    const beta = await booted.api.json("GET", `/cloudfunctions/v2beta/${PARENT}/functions/aliased`);
    assert.deepEqual(beta.body, await client.get("aliased"));
    const v1 = await booted.api.json("GET", "/cloudfunctions/v1/projects/demo/locations/-/functions?pageSize=100");
    assert.deepEqual(v1, { status: 200, body: {} });
    const locations = await booted.api.json("GET", "/cloudfunctions/v1/projects/demo/locations?pageSize=100");
    assert.ok((locations.body["locations"] as Json[]).some(({ locationId }) => locationId === "us-central1"));
    const call = await booted.api.json("POST", `/cloudfunctions/v1/${PARENT}/functions/aliased:call`, {});
    assert.match(messageOf(call), /^501 Method google\.cloud\.functions\.v1\.CloudFunctionsService\.CallFunction/);
  });

  test("policies belong to functions that exist", async () => {
    await client.deployed("policed", "x");
    const path = `/cloudfunctions/v2/${PARENT}/functions/policed`;
    const policy = { bindings: [{ role: "roles/cloudfunctions.invoker", members: ["allUsers"] }] };
    assert.equal((await booted.api.json("POST", `${path}:setIamPolicy`, { policy })).status, 200);
    const read = await booted.api.json("GET", `${path}:getIamPolicy`);
    assert.deepEqual(read.body["bindings"], policy.bindings);
    const absent = await booted.api.json("GET", `/cloudfunctions/v2/${PARENT}/functions/absent:getIamPolicy`);
    assert.equal(absent.status, 404);
  });

  test("the download URL gives the deployed source", async () => {
    const archive = await zipOf({ "index.js": "exports.hello = 3" });
    source.current = await booted.upload(archive);
    await client.deployed("download", "x");
    const path = `/cloudfunctions/v2/${PARENT}/functions/download:generateDownloadUrl`;
    const { body } = await booted.api.json("POST", path, {});
    const response = await fetch(body["downloadUrl"] as string);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), archive);
  });

  test("the upload URL takes a zip by PUT and nothing else", async () => {
    const path = `/cloudfunctions/v2/${PARENT}/functions:generateUploadUrl`;
    const { body } = await booted.api.json("POST", path, {});
    assert.equal((body["storageSource"] as Json)["bucket"], `gcf-v2-uploads-${NUMBER}-us-central1`);
    const url = body["uploadUrl"] as string;
    const text = await fetch(url, { method: "PUT", body: "x", headers: { "content-type": "text/plain" } });
    assert.equal(text.status, 403);
    const forged = url.replace(/\.zip\?/, "x.zip?");
    const zip = { "content-type": "application/zip" };
    assert.equal((await fetch(forged, { method: "PUT", body: "x", headers: zip })).status, 403);
    assert.equal((await fetch(url, { method: "PUT", body: "x", headers: zip })).status, 200);
    assert.match(messageOf(await booted.api.json("POST", path, { kmsKeyName: "k" })), /^400 The field kms_key_name/);
  });

  test("runtimes are those that can be built, with Google's dates", async () => {
    const { body } = await booted.api.json("GET", `/cloudfunctions/v2/${PARENT}/runtimes`);
    const runtimes = body["runtimes"] as Json[];
    const names = runtimes.map(({ name }) => name as string);
    const built = Object.keys(BASE_IMAGE_RUNTIMES).filter((id) => !id.startsWith("osonly"));
    assert.deepEqual(names.toSorted(), built.toSorted());
    const nodejs = runtimes.filter(({ name }) => (name as string).startsWith("nodejs"));
    assert.deepEqual(nodejs[0], {
      name: "nodejs24",
      displayName: "Node.js 24",
      stage: "GA",
      environment: "GEN_2",
      deprecationDate: { year: 2028, month: 4, day: 30 },
      decommissionDate: { year: 2028, month: 10, day: 31 },
    });
  });
});
