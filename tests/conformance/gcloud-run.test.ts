import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { findProgram } from "../../src/oci/find-program.ts";
import { type Gcloud, gcloudIsHere, openGcloud } from "../support/gcloud.ts";
import type { RealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { startWarmServer } from "../support/warm-data.ts";

const EXAMPLE = join(import.meta.dirname, "..", "..", "examples", "hello-http");
const REGION = "--region=us-central1";
const REPOSITORY = "us-central1-docker.pkg.dev/homerun-local/cloud-run-source-deploy";
const DEPLOY = ["run", "deploy", "hello2", "--function=hello", "--base-image=nodejs22", REGION];

if (gcloudIsHere()) {
  describe("gcloud run, builds and artifacts, through the proxy", runSuite);
  describe("gcloud with endpoint overrides", overridesSuite);
} else console.warn("NOT RUN: gcloud run, builds, artifacts; gcloud is not on the PATH");

function runSuite(): void {
  let server: RealServer;
  let gcloud: Gcloud;
  let source: string;
  const state = { url: "", build: "" };

  before(async () => {
    server = await startWarmServer();
    gcloud = await openGcloud(server);
    source = join(gcloud.folder, "hello");
    await cp(EXAMPLE, source, { recursive: true });
  });
  after(async () => {
    await gcloud?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });
  const table = async (...args: string[]) => (await gcloud.run(...args)).stdout;
  const curl = (...args: string[]) => gcloud.exec("curl", "-sS", ...args);

  test("deploys a service from source, and its URL answers", async () => {
    const { stderr } = await gcloud.run(...DEPLOY, `--source=${source}`, "--allow-unauthenticated");
    assert.match(stderr, /Building Container.*done/s);
    assert.match(
      stderr,
      /Service \[hello2\] revision \[hello2-00001-\w{3}\] has been deployed and is serving 100 percent/,
    );
    state.url = /^Service URL: (https:\S+)$/m.exec(stderr)![1]!;
    assert.equal(await curl(`${state.url}/?name=you`), "Hello you!");
  });

  test("deploys changed source as the next revision", async () => {
    const file = join(source, "index.js");
    await writeFile(file, (await readFile(file, "utf8")).replace("Hello", "Goodbye"));
    const { stderr } = await gcloud.run(...DEPLOY, `--source=${source}`);
    assert.match(stderr, /revision \[hello2-00002-\w{3}\] has been deployed/);
    assert.equal(await curl(state.url), "Goodbye World!");
  });

  test("lists and describes services and revisions", async () => {
    assert.match(await table("run", "services", "list", REGION), /hello2 +us-central1 +https:\/\/hello2-/);
    assert.match(await table("run", "services", "list"), /hello2 +us-central1 +https:\/\/hello2-/);
    const described = await table("run", "services", "describe", "hello2", REGION);
    assert.match(described, /hello2 in region us-central1/);
    assert.match(described, /100% LATEST \(currently hello2-00002-\w{3}\)/);
    const revisions = await table("run", "revisions", "list", "--service=hello2", REGION);
    assert.equal([...revisions.matchAll(/hello2-0000[12]-\w{3} +(yes)? +hello2/g)].length, 2);
  });

  test("lists builds, describes one and prints its log", async () => {
    const builds = await table("builds", "list", REGION, "--filter=tags:service_hello2", "--format=value(id,status)");
    const rows = builds.trim().split("\n");
    assert.equal(rows.length, 2);
    for (const row of rows) assert.match(row, /^[0-9a-f-]{36}\tSUCCESS$/);
    state.build = rows[0]!.split("\t")[0]!;
    const described = await table("builds", "describe", state.build, REGION);
    assert.match(described, /^status: SUCCESS$/m);
    assert.ok(described.includes(`${REPOSITORY}/hello2`));
    assert.match(await table("builds", "log", state.build, REGION), /===> BUILDING[\s\S]*===> EXPORTING/);
  });

  test("lists the images, and a registry client reads one", async () => {
    const images = await table("artifacts", "docker", "images", "list", REPOSITORY, "--include-tags");
    assert.match(images, new RegExp(`${REPOSITORY}/hello2 +sha256:[0-9a-f]{64}`));
    const manifest =
      "https://us-central1-docker.pkg.dev/v2/homerun-local/cloud-run-source-deploy/hello2/manifests/latest";
    const accept = "Accept: application/vnd.oci.image.manifest.v1+json";
    assert.match(await curl("-H", accept, manifest), /"schemaVersion": ?2/);
  });

  if (findProgram("skopeo")) test("is a registry that skopeo reads and copies images in", registryClient);
  else console.warn("NOT RUN: skopeo; it is not on the PATH");

  async function registryClient(): Promise<void> {
    const [from, to] = [`docker://${REPOSITORY}/hello2:latest`, `docker://${REPOSITORY}/copied:v1`];
    const inspected = JSON.parse(await gcloud.exec("skopeo", "inspect", from)) as { Digest: string };
    await gcloud.exec("skopeo", "copy", "--preserve-digests", from, to);
    assert.equal(
      (JSON.parse(await gcloud.exec("skopeo", "inspect", to)) as { Digest: string }).Digest,
      inspected.Digest,
    );
  }

  test("keeps the sources of services in a bucket", async () => {
    const listed = await table("storage", "ls", "--recursive", "gs://run-sources-homerun-local-us-central1");
    assert.equal([...listed.matchAll(/services\/hello2\/[\d.]+-[0-9a-f]+\.zip/g)].length, 2);
  });

  test("reads a service's log", async () => {
    const lines = await until(async () => {
      const read = await table("run", "services", "logs", "read", "hello2", REGION);
      return read !== "" && read;
    });
    assert.match(lines, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GET 200 https:\/\/hello2-/m);
  });

  test("deletes the service", async () => {
    await gcloud.run("run", "services", "delete", "hello2", REGION, "--quiet");
    assert.equal((await table("run", "services", "list", REGION)).trim(), "");
    assert.match(await gcloud.fail("run", "services", "describe", "hello2", REGION), /Cannot find service \[hello2\]/);
    assert.equal(await curl("-o", "/dev/null", "-w", "%{http_code}", state.url), "404");
  });
}

function overridesSuite(): void {
  let server: RealServer;
  let gcloud: Gcloud;

  before(async () => {
    server = await startWarmServer();
    gcloud = await openGcloud(server, { flags: ["--overrides"] });
  });
  after(async () => {
    await gcloud?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  test("deploys a function, a service and a job, lists and deletes them, keeps a secret", async () => {
    const function_ = ["functions", "deploy", "hello", "--gen2", REGION, "--runtime=nodejs22", "--entry-point=hello"];
    await gcloud.run(...function_, "--trigger-http", "--allow-unauthenticated", `--source=${EXAMPLE}`);
    assert.match((await gcloud.run("functions", "list")).stdout, /^hello +ACTIVE/m);
    await gcloud.run(...DEPLOY, `--source=${EXAMPLE}`, "--allow-unauthenticated");
    const { stdout } = await gcloud.run("run", "services", "list", REGION);
    const [, url] = /hello2 +us-central1 +(https:\S+)/.exec(stdout)!;
    assert.deepEqual(await server.call(url!), { status: 200, body: "Hello World!" });
    assert.match((await gcloud.run("storage", "ls")).stdout, /^gs:\/\/gcf-v2-sources-/m);
    const job = ["run", "jobs", "deploy", "sums", `--image=${REPOSITORY}/hello2`, "--command=node,--print,6*7", REGION];
    assert.match((await gcloud.run(...job, "--execute-now", "--wait")).stderr, /completed execution \[sums-/);
    const secret = join(gcloud.folder, "secret");
    await writeFile(secret, "s3cret");
    await gcloud.run("secrets", "create", "password", `--data-file=${secret}`);
    const read = await gcloud.run("secrets", "versions", "access", "latest", "--secret=password");
    assert.equal(read.stdout, "s3cret");
    await gcloud.run("run", "services", "delete", "hello2", REGION, "--quiet");
    await gcloud.run("functions", "delete", "hello", "--gen2", REGION, "--quiet");
    assert.doesNotMatch((await gcloud.run("functions", "list")).stdout, /hello/);
  });
}
