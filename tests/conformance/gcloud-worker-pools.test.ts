import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Gcloud, gcloudIsHere, openGcloud } from "../support/gcloud.ts";
import { type RealServer, startRealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { warmDataFolder } from "../support/warm-data.ts";

const REGION = "--region=us-central1";
const LOCATION = "projects/homerun-local/locations/us-central1";
const IMAGE = "us-central1-docker.pkg.dev/homerun-local/cloud-run-source-deploy/worker";
const WORKER = `
const { CLOUD_RUN_WORKER_POOL, CLOUD_RUN_WORKER_POOL_REVISION, GREETING = "hello" } = process.env;
const work = () => console.log(GREETING, "from", CLOUD_RUN_WORKER_POOL, CLOUD_RUN_WORKER_POOL_REVISION);
work();
setInterval(work, 500);
process.on("SIGTERM", () => process.exit(0));
`;
/** Answers with what it is asked, and ends with the code that the path says. */
const BOX = `
require("node:http").createServer((request, response) => response.end(process.env.CLOUD_RUN_INSTANCE, () => {
  const code = /exit=(\\d)/.exec(request.url)?.[1];
  if (code !== undefined) process.exit(Number(code));
})).listen(process.env.PORT);
`;

if (gcloudIsHere()) describe("gcloud run worker-pools", workerPoolsSuite);
else console.warn("NOT RUN: gcloud run worker-pools; gcloud is not on the PATH");

function workerPoolsSuite(): void {
  let dataDir: string;
  let server: RealServer;
  let gcloud: Gcloud;

  before(async () => {
    dataDir = await warmDataFolder();
    server = await startRealServer({ dataDir });
    // gcloud calls run v2 by gRPC, and does not without credentials.
    gcloud = await openGcloud(server, { changes: { CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "false" } });
    const key = join(gcloud.folder, "key.json");
    await server.homerun("key", key, "--account=developer");
    await gcloud.run("auth", "activate-service-account", `--key-file=${key}`);
  });
  after(async () => {
    await gcloud?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });
  const pools = async (...args: string[]) => (await gcloud.run("beta", "run", "worker-pools", ...args, REGION)).stdout;
  const progress = async (...args: string[]) =>
    (await gcloud.run("beta", "run", "worker-pools", ...args, REGION)).stderr;
  const revisions = async () =>
    (await pools("revisions", "list", "--worker-pool=worker", "--format=value(name)")).trim().split("\n").toSorted();
  const logged = (words: RegExp) =>
    until(async () => {
      const { stdout } = await gcloud.run("alpha", "run", "worker-pools", "logs", "read", "worker", "--limit=10");
      return words.test(stdout);
    });
  const instance = async () => (await server.json("GET", `/run/v2/${LOCATION}/instances/box`)).body;
  const running = async () => {
    const { terminalCondition } = (await instance()) as { terminalCondition: { type: string; state: string } };
    return terminalCondition.type === "Running" && terminalCondition.state === "CONDITION_SUCCEEDED";
  };

  test("deploys a worker pool from source, scales it and makes another revision", async () => {
    const source = join(gcloud.folder, "worker");
    await mkdir(source);
    await writeFile(join(source, "package.json"), '{ "name": "worker", "scripts": { "start": "node index.js" } }');
    await writeFile(join(source, "index.js"), WORKER);
    const deployed = await progress("deploy", "worker", `--source=${source}`);
    assert.match(deployed, /Worker pool \[worker\] revision \[worker-00001-[a-z0-9]{3}\] has been deployed/);
    await logged(/hello from worker worker-00001-/);
    const updated = await progress("update", "worker", "--update-env-vars=GREETING=hey", "--scaling=2");
    assert.match(updated, /revision \[worker-00002-[a-z0-9]{3}\] has been deployed/);
    await logged(/hey from worker worker-00002-/);
    assert.match(await pools("list"), /worker +us-central1 +developer@/);
    const described = await pools("describe", "worker");
    assert.match(described, /100% LATEST \(currently worker-00002-\w+\)\s+Scaling: Manual \(Instances: 2\)/);
  });

  test("shares instances out over revisions, and deletes one that has none", async () => {
    const [first, second] = (await revisions()) as [string, string];
    const split = await pools("update-instance-split", "worker", `--to-revisions=${first}=50`);
    assert.match(split, new RegExp(`50% ${first}\\s+50% LATEST \\(currently ${second}\\)`));
    await logged(/hello from worker worker-00001-/);
    await pools("update-instance-split", "worker", "--to-latest");
    assert.match(await pools("revisions", "describe", first), /Deploying revision succeeded/);
    await progress("revisions", "delete", first, "--worker-pool=worker");
    assert.deepEqual(await revisions(), [second]);
  });

  test("replaces a worker pool by what it was exported as", async () => {
    const file = join(gcloud.folder, "worker.yaml");
    await writeFile(file, (await pools("describe", "worker", "--format=export")).replace("hey", "ahoy"));
    assert.match(await readFile(file, "utf8"), /manualInstanceCount: '2'/);
    const { stderr } = await gcloud.run("beta", "run", "worker-pools", "replace", file);
    assert.match(stderr, /New configuration has been applied to worker pool \[worker\]/);
    await logged(/ahoy from worker worker-0000\d-/);
  });

  test("an instance restarts when it fails, and runs again after its server was killed, until it has done its work", async () => {
    const container = { image: IMAGE, command: ["node"], args: ["-e", BOX], ports: [{ containerPort: 8080 }] };
    const body = { containers: [container], invokerIamDisabled: true };
    await server.json("POST", `/run/v2/${LOCATION}/instances?instanceId=box`, body);
    await until(running);
    const [url] = (await instance())["urls"] as [string];
    assert.deepEqual(await server.call(url, { path: "/?exit=3" }), { status: 200, body: "box" });
    await until(async () => (await server.call(url)).status === 200);
    await server.kill();
    server = await startRealServer({ dataDir });
    await until(async () => (await server.call(url)).status === 200);
    await server.call(url, { path: "/?exit=0" });
    await until(async () => !(await running()));
    assert.equal((await server.call(url)).status, 404);
    const { body: logs } = await server.json("POST", "/logging/v2/entries:list", {
      resourceNames: ["projects/homerun-local"],
      filter: 'resource.type="cloud_run_worker_pool"',
      orderBy: "timestamp desc",
      pageSize: 1,
    });
    const [{ resource }] = logs["entries"] as [{ resource: { labels: Record<string, string> } }];
    const { revision_name: revision, ...labels } = resource.labels;
    assert.match(revision!, /^worker-0000\d-/);
    assert.deepEqual(labels, { project_id: "homerun-local", location: "us-central1", worker_pool_name: "worker" });
  });
}
