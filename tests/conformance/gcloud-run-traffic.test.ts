import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Gcloud, gcloudIsHere, openGcloud } from "../support/gcloud.ts";
import type { RealServer } from "../support/real-server.ts";
import { startWarmServer } from "../support/warm-data.ts";

const REGION = "--region=us-central1";
const REQUESTS = 400;
const CODE = `
require("node:http").createServer((request, response) => response.end(process.env.K_REVISION)).listen(process.env.PORT);
`;

if (gcloudIsHere()) describe("gcloud run: traffic, tags and revisions", trafficSuite);
else console.warn("NOT RUN: gcloud run services update-traffic; gcloud is not on the PATH");

function trafficSuite(): void {
  let server: RealServer;
  let gcloud: Gcloud;
  let url: string;

  before(async () => {
    server = await startWarmServer();
    gcloud = await openGcloud(server);
    const source = join(gcloud.folder, "web");
    await mkdir(source);
    await writeFile(join(source, "package.json"), '{ "name": "web", "scripts": { "start": "node index.js" } }');
    await writeFile(join(source, "index.js"), CODE);
    const flags = ["--revision-suffix=one", "--allow-unauthenticated"];
    const { stderr } = await gcloud.run("run", "deploy", "web", `--source=${source}`, ...flags, REGION);
    url = /^Service URL: (https:\S+)$/m.exec(stderr)![1]!;
  });
  after(async () => {
    await gcloud?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });
  const update = async (...flags: string[]) =>
    (await gcloud.run("run", "services", "update", "web", ...flags, REGION)).stderr;
  const move = async (...flags: string[]) =>
    (await gcloud.run("run", "services", "update-traffic", "web", ...flags, REGION)).stdout;
  const refusal = (...flags: string[]) => gcloud.fail("run", "services", "update-traffic", "web", ...flags, REGION);
  const revisions = async (...args: string[]) => (await gcloud.run("run", "revisions", ...args, REGION)).stdout;
  const bodyOf = async (target: string) => (await server.call(target)).body;

  test("a revision without traffic is reached by its tag only", async () => {
    const flags = ["--no-traffic", "--tag=candidate", "--revision-suffix=two"];
    const deployed = await gcloud.run("run", "deploy", "web", "--image=" + (await imageOf()), ...flags, REGION);
    assert.match(deployed.stderr, /revision \[web-two\] has been deployed and is serving 0 percent of traffic/);
    const [, tagged] = /directly at (https:\S+)/.exec(deployed.stderr)!;
    assert.deepEqual(await Promise.all([bodyOf(url), bodyOf(tagged!)]), ["web-one", "web-two"]);
    const rows = await revisions("list", "--service=web");
    assert.match(rows, /web-two +yes +web/);
  });

  async function imageOf(): Promise<string> {
    const format = "--format=value(spec.template.spec.containers[0].image)";
    return (await gcloud.run("run", "services", "describe", "web", format, REGION)).stdout.trim();
  }

  test("splits traffic by percent", async () => {
    const moved = await move("--to-revisions=web-one=25,web-two=75");
    assert.match(moved, /25% web-one[\s\S]*75% web-two\n +candidate: https:\/\/candidate---web-/);
    let first = 0;
    for (let index = 0; index < REQUESTS; index++) if ((await bodyOf(url)) === "web-one") first++;
    // Six standard deviations of a quarter of the requests: sqrt(400 * 0.25 * 0.75) is 8.7.
    assert.ok(Math.abs(first - REQUESTS / 4) < 52, `${first} of ${REQUESTS} requests`);
  });

  test("tags are added, moved, removed and cleared", async () => {
    assert.match(await move("--update-tags=stable=web-one"), /web-one\n +stable: [\s\S]*candidate: /);
    assert.match(await move("--to-tags=stable=100"), /100% web-one[\s\S]*0% +web-two/);
    assert.equal(await bodyOf(url), "web-one");
    const set = await move("--set-tags=next=LATEST");
    assert.match(set, /LATEST \(currently web-two\)\n +next: (https:\S+)/);
    assert.doesNotMatch(set, /stable|candidate/);
    const [, tagged] = /next: +(https:\S+)/.exec(set)!;
    assert.equal(await bodyOf(tagged!), "web-two");
    assert.doesNotMatch(await move("--remove-tags=next"), /next/);
    assert.equal((await server.call(tagged!)).status, 404);
    await move("--set-tags=a=web-one,b=web-two");
    assert.doesNotMatch(await move("--clear-tags"), /https:\/\/[ab]---/);
  });

  test("what cannot be is told, and what is served stays", async () => {
    assert.match(await refusal("--to-tags=none=10"), /There is no revision tagged with \[none\]/);
    assert.match(await refusal("--update-tags=Upper=web-one"), /Tags must use only lowercase letters, numbers and '-'/);
    assert.match(await refusal("--to-revisions=web-none=100"), /Revision 'web-none' does not exist or is deleted/);
    assert.equal(await bodyOf(url), "web-one");
    assert.match(await update("--update-env-vars=X=1", "--async"), /is deploying asynchronously/);
    assert.match(await move("--to-latest"), /100% LATEST \(currently web-000\d\d-\w{3}\)/);
    assert.match(await bodyOf(url), /^web-000\d\d-/);
  });

  test("a rollback is one command, also after a deployment that failed", async () => {
    const failed = await gcloud.fail("run", "services", "update", "web", "--command=false", REGION);
    assert.match(failed, /is not ready and cannot serve traffic/);
    assert.match(await move("--to-revisions=web-two=100"), /100% web-two/);
    assert.equal(await bodyOf(url), "web-two");
  });

  test("revisions are deleted where nothing reaches them", async () => {
    const names = (await revisions("list", "--service=web", "--format=value(metadata.name)"))
      .trim()
      .split("\n")
      .toSorted();
    assert.equal(names.length, 4);
    const remove = (name: string) => ["run", "revisions", "delete", name, "--quiet", REGION];
    assert.match(await gcloud.fail(...remove("web-two")), /'web-two' is currently actively serving traffic/);
    const [, latest] = names;
    assert.match(await gcloud.fail(...remove(latest!)), /is the latest created Revision of Service 'web'/);
    assert.match((await gcloud.run(...remove("web-one"))).stderr, /Deleted revision \[web-one\]/);
    assert.match(
      await gcloud.fail("run", "revisions", "describe", "web-one", REGION),
      /Cannot find revision \[web-one\]/,
    );
  });
}
