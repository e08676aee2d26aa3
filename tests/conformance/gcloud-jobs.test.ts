import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Gcloud, gcloudIsHere, openGcloud } from "../support/gcloud.ts";
import type { RealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { startWarmServer } from "../support/warm-data.ts";

const REGION = "--region=us-central1";
const IMAGE = "us-central1-docker.pkg.dev/homerun-local/cloud-run-source-deploy/report";
const CODE = `
const { CLOUD_RUN_TASK_INDEX, CLOUD_RUN_TASK_COUNT, GREETING = "hello", EXIT = "0", WAIT = "0" } = process.env;
console.log([GREETING, "from task", CLOUD_RUN_TASK_INDEX, "of", CLOUD_RUN_TASK_COUNT, ...process.argv.slice(2)].join(" "));
setTimeout(() => process.exit(Number(EXIT)), Number(WAIT));
`;

if (gcloudIsHere()) describe("gcloud run jobs", jobsSuite);
else console.warn("NOT RUN: gcloud run jobs; gcloud is not on the PATH");

function jobsSuite(): void {
  let server: RealServer;
  let gcloud: Gcloud;

  before(async () => {
    server = await startWarmServer();
    gcloud = await openGcloud(server);
  });
  after(async () => {
    await gcloud?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });
  const jobs = async (...args: string[]) => (await gcloud.run("run", "jobs", ...args, REGION)).stdout;
  const progress = async (...args: string[]) => (await gcloud.run("run", "jobs", ...args, REGION)).stderr;
  const latest = async (job: string) =>
    (await jobs("executions", "list", `--job=${job}`, "--limit=1", "--format=value(name)")).trim();

  test("deploys a job from source and runs it to its end", async () => {
    const source = join(gcloud.folder, "report");
    await mkdir(source);
    await writeFile(join(source, "package.json"), '{ "name": "report", "scripts": { "start": "node index.js" } }');
    await writeFile(join(source, "index.js"), CODE);
    const deployed = await progress("deploy", "report", `--source=${source}`, "--tasks=2", "--max-retries=0");
    assert.match(deployed, /Building Container.*done/s);
    assert.match(deployed, /Job \[report\] has successfully been deployed/);
    const executed = await progress("execute", "report", "--wait");
    assert.match(executed, /Running execution.*done/s);
    assert.match(executed, /Execution \[report-[a-z0-9]{5}\] has successfully completed/);
    const lines = await until(async () => {
      const read = await jobs("logs", "read", "report");
      return /task 1 of 2/.test(read) && /task 0 of 2/.test(read) && read;
    });
    assert.match(lines, /hello from task 0 of 2/);
  });

  test("lists and describes jobs, executions and tasks", async () => {
    const execution = await latest("report");
    assert.match(await jobs("list"), /report +us-central1/);
    assert.match(await jobs("describe", "report"), /Executed 1 time[\s\S]*Tasks: +2/);
    assert.match(
      await jobs("executions", "list", "--job=report"),
      new RegExp(`report +${execution} +us-central1 +0 +2 / 2`),
    );
    const described = await jobs("executions", "describe", execution);
    assert.match(described, /2 tasks completed successfully[\s\S]*Image: +\S+\/report@sha256:[0-9a-f]{64}/);
    const tasks = await jobs("executions", "tasks", "list", `--execution=${execution}`);
    assert.match(tasks, new RegExp(`0 +Succeeded +${execution}-task0[\\s\\S]*1 +Succeeded +${execution}-task1`));
    assert.match(await jobs("executions", "tasks", "describe", `${execution}-task1`), new RegExp(`${execution}-task1`));
  });

  test("creates a job from an image, overrides arguments and variables, and tells failures", async () => {
    const settings = ["--command=node", "--args=index.js", "--max-retries=1", "--task-timeout=20s", "--memory=1Gi"];
    assert.match(await progress("create", "image", `--image=${IMAGE}`, ...settings), /has successfully been created/);
    await progress(
      "execute",
      "image",
      "--wait",
      "--args=index.js,twice",
      "--update-env-vars=GREETING=hey",
      "--tasks=1",
    );
    await until(async () => (await jobs("logs", "read", "image")).includes("hey from task 0 of 1 twice"));

    await jobs("update", "image", "--update-env-vars=EXIT=9");
    const failure = await gcloud.fail("run", "jobs", "execute", "image", "--wait", REGION);
    assert.match(failure, /The execution failed/);
    const execution = await latest("image");
    const message = `Task ${execution}-task0 failed with exit code: 9 and message: The container exited with an error`;
    assert.ok((await jobs("executions", "describe", execution)).includes(message));
    const tasks = await jobs("executions", "tasks", "list", `--execution=${execution}`);
    assert.match(tasks, /0 +Failed .* 1$/m, "it was retried once");

    const missing = await gcloud.fail("run", "jobs", "create", "none", `--image=${IMAGE}-not-there`, REGION);
    assert.match(missing, /Image '\S+-not-there' not found/);
  });

  test("cancels and deletes executions", async () => {
    const started = await progress("update", "image", "--update-env-vars=WAIT=600000,EXIT=0", "--execute-now");
    assert.match(started, /updated and started running execution \[image-[a-z0-9]{5}\]/);
    const execution = await latest("image");
    assert.match(await progress("executions", "cancel", execution), /Cancelled execution/);
    assert.match(await jobs("executions", "describe", execution), /Cancelled by user\./);
    assert.match(await progress("executions", "delete", execution), /Deleted execution/);
    assert.doesNotMatch(await jobs("executions", "list", "--job=image"), new RegExp(execution));
  });

  test("replaces a job by its exported form, binds a role, and deletes it", async () => {
    const file = join(gcloud.folder, "job.yaml");
    await writeFile(file, await jobs("describe", "image", "--format=export"));
    await writeFile(file, (await readFile(file, "utf8")).replace("taskCount: 1", "taskCount: 7"));
    assert.match(await progress("replace", file), /has been successfully updated/);
    assert.match(await jobs("describe", "image"), /Tasks: +7/);
    await jobs("add-iam-policy-binding", "image", "--member=allUsers", "--role=roles/run.invoker");
    assert.match(await jobs("get-iam-policy", "image"), /allUsers/);
    assert.match(await progress("delete", "image"), /Deleted job \[image\]/);
    assert.match(await gcloud.fail("run", "jobs", "describe", "image", REGION), /Cannot find job \[image\]/);
  });
}
