import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gcloudIsHere, openGcloud } from "../support/gcloud.ts";
import { startRealServer } from "../support/real-server.ts";

const REGION = "--region=us-central1";
const CONFIG = `steps:
- name: gcr.io/k8s-skaffold/pack
  args: [build, us-central1-docker.pkg.dev/$PROJECT_ID/r/a, --publish]
`;

if (gcloudIsHere()) describe("gcloud builds triggers, approve, reject and worker-pools", runSuite);
else console.warn("NOT RUN: gcloud builds triggers and worker-pools; gcloud is not on the PATH");

function runSuite(): void {
  test("triggers are created, exported, imported and run; their builds approved or rejected", async () => {
    await using server = await startRealServer();
    await using gcloud = await openGcloud(server);
    const output = async (...args: string[]) => (await gcloud.run(...args)).stdout.trim();
    const inline = join(gcloud.folder, "inline.yaml");
    await writeFile(inline, CONFIG);
    const repo = ["--repo=https://example.com/acme/hello.git", "--repo-type=GITHUB", "--branch=main"];
    const create = ["builds", "triggers", "create"];
    await gcloud.run(...create, "manual", "--name=deploy", ...repo, `--inline-config=${inline}`, "--require-approval");
    const topic = "--topic=projects/homerun-local/topics/t";
    await gcloud.run(...create, "pubsub", "--name=on-message", topic, `--inline-config=${inline}`);
    assert.match(await output("builds", "triggers", "list", "--format=value(name)"), /^on-message\ndeploy$/);
    const exported = join(gcloud.folder, "trigger.yaml");
    await gcloud.run("beta", "builds", "triggers", "export", "deploy", `--destination=${exported}`);
    const text = await readFile(exported, "utf8");
    assert.match(text, /approvalRequired: true/);
    // Nothing is asked of a repository that is not there.
    await writeFile(exported, text.replace(/sourceToBuild:(\n .*)*/, "description: imported"));
    await gcloud.run("builds", "triggers", "import", `--source=${exported}`);
    assert.match(await output("builds", "triggers", "describe", "deploy"), /description: imported/);
    const run = () => output("builds", "triggers", "run", "deploy", "--format=value(metadata.build.id)");
    const [approved, rejected] = [await run(), await run()];
    await gcloud.run("beta", "builds", "reject", rejected, "--comment=no");
    const state = (id: string) => output("builds", "describe", id, "--format=value(status,approval.state)");
    assert.equal(await state(rejected), "CANCELLED\tREJECTED");
    assert.equal(await state(approved), "PENDING\tPENDING");
    await gcloud.run("beta", "builds", "approve", approved, "--url=https://example.com/ticket");
    assert.match(await state(approved), /^(QUEUED|WORKING)\tAPPROVED$/);
    await gcloud.run("builds", "cancel", approved);
    await gcloud.run("builds", "triggers", "delete", "deploy");
    const pools = ["builds", "worker-pools"];
    await gcloud.run(...pools, "create", "fast", REGION, "--worker-machine-type=e2-medium");
    await gcloud.run(...pools, "update", "fast", REGION, "--worker-machine-type=e2-standard-4");
    assert.match(await output(...pools, "describe", "fast", REGION), /machineType: e2-standard-4/);
    await gcloud.run(...pools, "delete", "fast", REGION);
    assert.equal(await output(...pools, "list", REGION), "");
  });
}
