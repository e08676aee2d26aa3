import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { request } from "undici";
import type { BuildOutcome } from "../../build/build.ts";
import type { BootedApi } from "../../../tests/support/boot-api.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import {
  bootCloudBuild,
  buildFromFiles,
  createTestBuilder,
  getObject,
  putObject,
} from "../../../tests/support/boot-cloudbuild.ts";
import { until } from "../../../tests/support/until.ts";
import { tarOf, zipOf } from "../../../tests/support/archives.ts";

type Json = Record<string, unknown>;

const NUMBER = projectNumberOf("demo");
const REGIONAL = "/cloudbuild/v1/projects/demo/locations/us-central1";
const IMAGE = "us-central1-docker.pkg.dev/demo/gcf-artifacts/hello:version_1";

const packBuild = (object = "hello.zip", more: Json = {}): Json => ({
  source: { storageSource: { bucket: "sources", object } },
  steps: [
    {
      name: "gcr.io/k8s-skaffold/pack",
      entrypoint: "pack",
      args: ["build", IMAGE, "--publish", "--builder", "gcr.io/buildpacks/builder", "--env", "GOOGLE_RUNTIME=nodejs22"],
    },
  ],
  ...more,
});

async function bootWithSource() {
  const builder = createTestBuilder();
  const api = await bootCloudBuild(builder, { parallelBuilds: 1 });
  await putObject(api, "sources", "hello.zip", await zipOf({ "index.js": "1", "package.json": "{}" }));
  return { api, builder, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

/** Creates a build and resolves with its id. */
async function startBuild(api: BootedApi, build: Json, parent = REGIONAL): Promise<string> {
  const { status, body } = await api.json("POST", `${parent}/builds`, build);
  assert.equal(status, 200, JSON.stringify(body));
  return ((body["metadata"] as Json)["build"] as { id: string }).id;
}

/** Polls the build's operation until it is done. */
async function operationOf(api: BootedApi, id: string): Promise<Json> {
  for (;;) {
    const { body } = await api.json("GET", `${REGIONAL}/operations/${id}`);
    if (body["done"]) return body;
  }
}

async function buildOf(api: BootedApi, id: string): Promise<Json> {
  return (await api.json("GET", `${REGIONAL}/builds/${id}`)).body;
}

describe("Cloud Build", () => {
  test("a pack build goes from QUEUED to SUCCESS, with image, times and provenance", async () => {
    await using booted = await bootWithSource();
    const { api, builder } = booted;
    const { body } = await api.json("POST", `${REGIONAL}/builds`, packBuild());
    const queued = (body["metadata"] as Json)["build"] as Json;
    const id = queued["id"] as string;
    assert.equal(body["name"], `projects/demo/locations/us-central1/operations/${id}`);
    assert.equal(queued["name"], `projects/${NUMBER}/locations/us-central1/builds/${id}`);
    assert.equal(queued["status"], "QUEUED");
    const operation = await operationOf(api, id);
    const build = operation["response"] as Json;
    assert.equal(build["status"], "SUCCESS");
    assert.equal(build["timeout"], "3600s");
    assert.equal(build["serviceAccount"], `projects/demo/serviceAccounts/${NUMBER}@cloudbuild.gserviceaccount.com`);
    const images = (build["results"] as { images: Json[] }).images;
    assert.equal(images[0]!["name"], IMAGE);
    assert.match(String(images[0]!["digest"]), /^sha256:[0-9a-f]{64}$/);
    assert.equal(
      images[0]!["artifactRegistryPackage"],
      "projects/demo/locations/us-central1/repositories/gcf-artifacts/packages/hello",
    );
    const { resolvedStorageSource } = build["sourceProvenance"] as { resolvedStorageSource: Json };
    assert.match(String(resolvedStorageSource["generation"]), /^[1-9]\d*$/);
    assert.deepEqual(Object.keys(build["timing"] as Json).sort(), ["BUILD", "FETCHSOURCE"]);
    const { "@type": _, ...message } = build;
    assert.deepEqual(await buildOf(api, id), message);
    const [built] = builder.requests;
    assert.deepEqual(built!.env, { GOOGLE_RUNTIME: "nodejs22" });
    assert.equal(built!.runImage, "");
    assert.deepEqual(built!.machine, { cpus: 2, memoryBytes: 4 * 1024 ** 3 });
    assert.deepEqual(built!.destinations, [IMAGE]);
  });

  test("builds tar.gz sources, global builds, and gcloud's two-step form", async () => {
    await using booted = await bootWithSource();
    const { api, builder } = booted;
    await putObject(api, "sources", "hello.tgz", await tarOf([{ header: { name: "index.js" }, content: "1" }]));
    const name = "gcr.io/k8s-skaffold/pack";
    const image = "us-central1-docker.pkg.dev/demo/r/$PROJECT_ID-image";
    const steps = [
      { name, entrypoint: "pack", args: ["config", "default-builder", "gcr.io/buildpacks/builder:latest"] },
      { name, entrypoint: "pack", args: ["build", image, "--network", "cloudbuild", "--env", "A=$$5"] },
    ];
    const parent = "/cloudbuild/v1/projects/demo";
    const id = await startBuild(api, packBuild("hello.tgz", { steps, images: [image] }), parent);
    const path = `/cloudbuild/v1/projects/demo/locations/global/operations/${id}`;
    let body: Json = {};
    while (!body["done"]) ({ body } = await api.json("GET", path));
    assert.equal((body["response"] as Json)["name"], `projects/${NUMBER}/locations/global/builds/${id}`);
    assert.deepEqual(builder.requests[0]!.destinations, ["us-central1-docker.pkg.dev/demo/r/demo-image"]);
    assert.deepEqual(builder.requests[0]!.env, { A: "$5" });
    const byNumber = await api.json("GET", `/cloudbuild/v1/projects/${NUMBER}/builds/${id}`);
    assert.equal(byNumber.body["id"], id);
  });

  test("writes a growing log object where logging is LEGACY, exact at the end", async () => {
    await using booted = await bootWithSource();
    const { api, builder } = booted;
    const mayEnd = Promise.withResolvers<void>();
    builder.behave = async (request) => {
      request.onLogLine("first line");
      await mayEnd.promise;
      return buildFromFiles(request);
    };
    const id = await startBuild(api, packBuild("hello.zip", { options: { logging: "LEGACY" } }));
    const bucket = `${NUMBER}.cloudbuild-logs.googleusercontent.com`;
    const read = () => getObject(api, bucket, `log-${id}.txt`);
    const partial = await until(async () => {
      const text = await read();
      return text?.includes("first line") && text;
    });
    assert.ok(!partial.includes("DONE"));
    mayEnd.resolve();
    await operationOf(api, id);
    assert.equal((await buildOf(api, id))["logsBucket"], `gs://${bucket}`);
    const log = (await read())!;
    assert.ok(log.startsWith(partial));
    assert.match(
      log,
      new RegExp(`^starting build "${id}"\n\nFETCHSOURCE\nFetching storage object: gs://sources/hello.zip\n`),
    );
    assert.match(
      log,
      /\nBUILD\nAlready have image \(with digest\): gcr\.io\/k8s-skaffold\/pack\nfirst line\nbuilt 2 files\nPUSH\nDONE\n$/,
    );
  });

  test("without Google's names the default is CLOUD_LOGGING_ONLY, with them LEGACY", async () => {
    await using booted = await bootWithSource();
    const { api } = booted;
    const plain = await buildOf(api, await startBuild(api, packBuild()));
    assert.deepEqual(plain["options"], { logging: "CLOUD_LOGGING_ONLY" });
    assert.equal(plain["logsBucket"], undefined);
    const { body } = await request(`${api.url}/v1/projects/demo/locations/us-central1/builds`, {
      method: "POST",
      headers: { host: "cloudbuild.googleapis.com", "content-type": "application/json" },
      body: JSON.stringify(packBuild()),
    });
    const { metadata } = (await body.json()) as { metadata: { build: Json } };
    assert.deepEqual(metadata.build["options"], { logging: "LEGACY" });
  });

  test("a failing step fails the operation with Google's words and tells why in the build", async () => {
    await using booted = await bootWithSource();
    const { api, builder } = booted;
    const failure: BuildOutcome = {
      status: "FAILURE",
      failureType: "USER_BUILD_STEP",
      detail: "npm ERR! no such package",
      phases: [],
    };
    builder.behave = async () => failure;
    const id = await startBuild(api, packBuild());
    const { error } = (await operationOf(api, id)) as { error: Json };
    assert.deepEqual(error, { code: 2, message: "Build failed; check build logs for details" });
    const build = await buildOf(api, id);
    assert.equal(build["status"], "FAILURE");
    assert.deepEqual(build["failureInfo"], { type: "USER_BUILD_STEP", detail: "npm ERR! no such package" });
  });

  test("a source that is missing or no archive fails the build while fetching", async () => {
    await using booted = await bootWithSource();
    const { api, builder } = booted;
    await putObject(api, "sources", "text.zip", Buffer.from("hello"));
    const missing = await startBuild(api, packBuild("absent.zip"));
    await operationOf(api, missing);
    assert.deepEqual((await buildOf(api, missing))["failureInfo"], {
      type: "FETCH_SOURCE_FAILED",
      detail: `failed to fetch the source: creating GCS reader for "gs://sources/absent.zip": storage: object doesn't exist`,
    });
    const text = await startBuild(api, packBuild("text.zip"));
    await operationOf(api, text);
    const { detail } = (await buildOf(api, text))["failureInfo"] as { detail: string };
    assert.equal(
      detail,
      "failed to fetch the source: opening archive gs://sources/text.zip: zip: not a valid zip file",
    );
    assert.deepEqual(builder.requests, []);
  });

  test("a machine failure is INTERNAL_ERROR and tells nothing", async () => {
    await using booted = await bootWithSource();
    const { api, builder } = booted;
    builder.behave = () => Promise.reject(new Error("secret path /x"));
    const id = await startBuild(api, packBuild());
    assert.deepEqual((await operationOf(api, id))["error"], {
      code: 13,
      message: "Build failed because of an internal error",
    });
    assert.equal((await buildOf(api, id))["status"], "INTERNAL_ERROR");
  });

  test("builds wait for their turn, and cancelling stops both the waiting and the working", async () => {
    await using booted = await bootWithSource();
    const { api, builder } = booted;
    const stopped: string[] = [];
    builder.behave = (request) =>
      new Promise((_, reject) => {
        request.signal.addEventListener("abort", () => {
          stopped.push(request.id);
          reject(request.signal.reason as Error);
        });
      });
    const first = await startBuild(api, packBuild());
    await until(async () => (await buildOf(api, first))["status"] === "WORKING");
    await until(async () => builder.requests.length > 0);
    const second = await startBuild(api, packBuild());
    const third = await startBuild(api, packBuild());
    assert.equal((await buildOf(api, second))["status"], "QUEUED");
    const ongoing = await api.json(
      "GET",
      `${REGIONAL}/builds?filter=${encodeURIComponent('status="WORKING" OR status="QUEUED"')}`,
    );
    assert.deepEqual(
      (ongoing.body["builds"] as { id: string }[]).map(({ id }) => id),
      [third, second, first],
    );
    const cancelled = await api.json("POST", `${REGIONAL}/builds/${second}:cancel`, { id: second, projectId: "demo" });
    assert.equal(cancelled.body["status"], "CANCELLED");
    await api.json("POST", `${REGIONAL}/builds/${first}:cancel`, {});
    assert.deepEqual(((await operationOf(api, first))["error"] as Json)["code"], 1);
    await until(async () => builder.requests.length === 2);
    assert.deepEqual(stopped, [first]);
    assert.equal(builder.requests[1]!.id, third);
    const again = await api.json("POST", `${REGIONAL}/builds/${first}:cancel`, {});
    assert.equal(again.status, 400);
    await api.json("POST", `${REGIONAL}/operations/${third}:cancel`, {});
    assert.equal((await buildOf(api, third))["status"], "CANCELLED");
  });

  test("lists by tag and page, retries with the same request", async () => {
    await using booted = await bootWithSource();
    const { api, builder } = booted;
    const ids: string[] = [];
    for (const tag of ["a", "b", "a"]) {
      ids.push(await startBuild(api, packBuild("hello.zip", { tags: [tag] })));
      await operationOf(api, ids.at(-1)!);
    }
    const tagged = await api.json("GET", `${REGIONAL}/builds?filter=${encodeURIComponent('tags="a"')}&pageSize=1`);
    assert.deepEqual(
      (tagged.body["builds"] as { id: string }[]).map(({ id }) => id),
      [ids[2]],
    );
    const token = tagged.body["nextPageToken"] as string;
    const rest = await api.json(
      "GET",
      `${REGIONAL}/builds?filter=${encodeURIComponent('tags="a"')}&pageSize=1&pageToken=${token}`,
    );
    assert.deepEqual(
      (rest.body["builds"] as { id: string }[]).map(({ id }) => id),
      [ids[0]],
    );
    assert.equal(rest.body["nextPageToken"], undefined);
    const retried = await api.json("POST", `${REGIONAL}/builds/${ids[1]}:retry`, {});
    const retry = (retried.body["metadata"] as { build: Json }).build;
    assert.notEqual(retry["id"], ids[1]);
    assert.deepEqual(retry["tags"], ["b"]);
    await operationOf(api, retry["id"] as string);
    assert.deepEqual(builder.requests[3]!.destinations, [IMAGE]);
  });

  test("what is not supported is named, what is wrong is explained", async () => {
    await using booted = await bootWithSource();
    const { api } = booted;
    const refuse = async (more: Json) => {
      const { status, body } = await api.json("POST", `${REGIONAL}/builds`, packBuild("hello.zip", more));
      return `${status} ${(body["error"] as { message: string }).message}`;
    };
    const npmPackages = [{ repository: "x" }];
    assert.match(await refuse({ artifacts: { npmPackages } }), /^400 The field build.artifacts.npm_packages is not/);
    assert.match(
      await refuse({ source: { repoSource: { repoName: "x" } } }),
      /^400 The field build.source.repo_source/,
    );
    assert.match(
      await refuse({ options: { pool: { name: "p" } } }),
      /^400 invalid build: invalid worker pool name "p"/,
    );
    assert.equal(await refuse({ steps: [] }), "400 invalid build: no build steps specified");
    assert.match(await refuse({ substitutions: { _A: "1" } }), /key "_A" in the substitution data is not matched/);
    assert.match(await refuse({ tags: ["a b"] }), /^400 invalid build: tag "a b" must match/);
    assert.match(await refuse({ timeout: "100000s" }), /^400 invalid build: build timeout/);
    assert.match(
      await refuse({ serviceAccount: "projects/demo/serviceAccounts/a@b.c", options: { logging: "GCS_ONLY" } }),
      /^400 if 'build.service_account' is specified/,
    );
    const missing = await api.json("GET", `${REGIONAL}/builds/absent`);
    assert.equal(missing.status, 404);
  });

  test("names the project's build service account", async () => {
    await using booted = await bootWithSource();
    const { body } = await booted.api.json("GET", `${REGIONAL}/defaultServiceAccount`);
    assert.deepEqual(body, {
      name: "projects/demo/locations/us-central1/defaultServiceAccount",
      serviceAccountEmail: `projects/demo/serviceAccounts/${NUMBER}@cloudbuild.gserviceaccount.com`,
    });
  });
});
