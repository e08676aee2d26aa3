import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { leftoversOf } from "../support/leftovers.ts";
import { answering, deploy, functionNow, LOCATION } from "../support/real-functions.ts";
import { type RealServer, startRealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { warmDataFolder } from "../support/warm-data.ts";

type Json = Record<string, unknown>;

/** Says which attempt it is, and waits to be told to end. */
const PATIENT = `
console.log("attempt " + process.env.CLOUD_RUN_TASK_ATTEMPT);
process.on("SIGTERM", () => { console.log("told to end"); process.exit(0); });
if (process.env.CLOUD_RUN_TASK_ATTEMPT === "0") setInterval(() => {}, 1000);
`;
const HOG = "const all = []; for (;;) all.push(Buffer.alloc(4 * 1024 * 1024, 1));";

describe("jobs in real containers", () => {
  let dataDir: string;
  let server: RealServer;
  let image: string;

  before(async () => {
    dataDir = await warmDataFolder();
    server = await startRealServer({ dataDir });
    // Any image that is in the registry will do.
    await deploy(server, "hello", { code: answering("hello") });
    const { buildConfig } = (await functionNow(server, "hello")).body as { buildConfig: { build: string } };
    const { body } = await server.json("GET", `/cloudbuild/v1/${buildConfig.build}`);
    image = (body["results"] as { images: { name: string }[] }).images[0]!.name;
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  const call = async (method: string, path: string, body?: object): Promise<Json> => {
    const answer = await server.json(method, `/run/v2/${path}`, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  /** Creates a job of one container that runs this program, and runs it; resolves with the name of the execution. */
  async function start(
    id: string,
    program: string,
    { execution = {}, task = {}, resources = {} } = {},
  ): Promise<string> {
    const container = { image, command: ["node"], args: ["-e", program], ...resources };
    const body = { template: { ...execution, template: { maxRetries: 0, containers: [container], ...task } } };
    await call("POST", `${LOCATION}/jobs?jobId=${id}`, body);
    return ((await call("POST", `${LOCATION}/jobs/${id}:run`, {}))["metadata"] as { name: string }).name;
  }
  const ended = (name: string) =>
    until(async () => {
      const execution = await call("GET", name);
      return execution["completionTime"] !== undefined && execution;
    });
  const firstTask = async (name: string) => ((await call("GET", `${name}/tasks`))["tasks"] as Json[])[0]!;
  const running = (name: string) => until(async () => (await call("GET", name))["runningCount"] !== undefined);
  /** Waits for a log entry of an execution. */
  const logged = (name: string, pattern: RegExp) =>
    until(async () => {
      const filter = `resource.type="cloud_run_job" labels."run.googleapis.com/execution_name"="${name.split("/").at(-1)}"`;
      const body = { resourceNames: ["projects/homerun-local"], filter, pageSize: 200 };
      const { entries = [] } = (await server.json("POST", "/logging/v2/entries:list", body)).body as {
        entries?: Json[];
      };
      return entries.find(({ textPayload }) => pattern.test(String(textPayload)));
    });

  test("the lines of a task are logged with its labels", async () => {
    const name = await start("logs", "console.log('one of', process.env.CLOUD_RUN_TASK_COUNT)");
    assert.equal((await ended(name))["succeededCount"], 1);
    const entry = await logged(name, /^one of 1$/);
    assert.deepEqual(entry["resource"], {
      type: "cloud_run_job",
      labels: { project_id: "homerun-local", location: "us-central1", job_name: "logs" },
    });
    const { instanceId, ...labels } = entry["labels"] as Record<string, string>;
    assert.match(String(instanceId), /^[0-9a-f]{40}$/);
    assert.deepEqual(labels, {
      "run.googleapis.com/execution_name": name.split("/").at(-1),
      "run.googleapis.com/task_index": "0",
      "run.googleapis.com/task_attempt": "0",
    });
  });

  test("a task that takes too long or too much memory is told so", async () => {
    const slow = await start("slow", "setInterval(() => {}, 1000)", { task: { timeout: "1s" } });
    const hog = await start("hog", HOG, { resources: { resources: { limits: { cpu: "1", memory: "512Mi" } } } });
    await ended(slow);
    const late = { status: { code: 4, message: "The configured timeout was reached." } };
    assert.deepEqual((await firstTask(slow))["lastAttemptResult"], late);
    await ended(hog);
    const { status } = (await firstTask(hog))["lastAttemptResult"] as { status: { message: string } };
    assert.match(status.message, /^Memory limit of 512 MiB exceeded with 512 MiB used\./);
  });

  test("tasks share the host: what does not fit waits", async () => {
    const limits = { resources: { limits: { cpu: "8", memory: "4Gi" } } };
    const execution = { taskCount: 2 };
    const name = await start("large", "setTimeout(() => {}, 200)", { execution, resources: limits });
    const { succeededCount } = await ended(name);
    assert.equal(succeededCount, 2);
    const tasks = (await call("GET", `${name}/tasks`))["tasks"] as { startTime: string; completionTime: string }[];
    const [one, other] = tasks.toSorted((a, b) => a.startTime.localeCompare(b.startTime));
    assert.ok(one!.completionTime <= other!.startTime, JSON.stringify(tasks));
  });

  test("a cancelled task is told to end first", async () => {
    const name = await start("patient", PATIENT);
    await logged(name, /^attempt 0$/);
    await call("POST", `${name}:cancel`, {});
    assert.equal((await ended(name))["cancelledCount"], 1);
    await logged(name, /^told to end$/);
  });

  test("an attempt that ends with a killed server is made again, and nothing of it stays", async () => {
    const name = await start("killed", PATIENT, { task: { maxRetries: 1 } });
    await running(name);
    await logged(name, /^attempt 0$/);
    await server.kill();
    await server[Symbol.asyncDispose]();
    server = await startRealServer({ dataDir });
    const { succeededCount, retriedCount } = await ended(name);
    assert.deepEqual([succeededCount, retriedCount], [1, 1]);
    await logged(name, /^attempt 1$/);
    await server.stop();
    assert.deepEqual(leftoversOf(dataDir), []);
  });
});
