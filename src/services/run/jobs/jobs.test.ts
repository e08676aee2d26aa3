import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { until } from "../../../../tests/support/until.ts";
import { type BootedRun, bootRun, IMAGE, PARENT } from "../testing/boot-run.ts";
import { PROGRAM, SILENT } from "../testing/process-serving.ts";

type Json = Record<string, unknown>;
interface Condition {
  type: string;
  state: string;
  message?: string;
  executionReason?: string;
  reason?: string;
}

const SUCCEEDING = "process.exit(0)";
/** Fails in its first attempt. */
const FLAKY = "process.exit(process.env.CLOUD_RUN_TASK_ATTEMPT === '0' ? 7 : 0)";

const container = (program: string, image = IMAGE) => ({ image, env: [{ name: PROGRAM, value: program }] });

describe("run.v2 jobs", () => {
  let booted: BootedRun;
  before(async () => {
    booted = await bootRun();
  });
  after(() => booted[Symbol.asyncDispose]());

  const call = (method: string, path: string, body?: object) => booted.api.json(method, `/run/v2/${path}`, body);
  const jobBody = (program: string, template: object = {}, task: object = {}) => ({
    template: { ...template, template: { containers: [container(program)], ...task } },
  });
  async function createJob(id: string, body: object): Promise<Json> {
    const operation = await booted.wait(await call("POST", `${PARENT}/jobs?jobId=${id}`, body));
    assert.ok(operation["response"], JSON.stringify(operation));
    return operation["response"] as Json;
  }
  /** Runs a job to its end; resolves with the operation and the execution. */
  async function run(id: string, body: object = {}): Promise<{ operation: Json; execution: Json }> {
    const started = await call("POST", `${PARENT}/jobs/${id}:run`, body);
    assert.equal(started.status, 200, JSON.stringify(started.body));
    const { name } = started.body["metadata"] as { name: string };
    const operation = await booted.wait(started);
    return { operation, execution: (await call("GET", name)).body };
  }
  const tasksOf = async (execution: Json) =>
    (await call("GET", `${String(execution["name"])}/tasks`)).body["tasks"] as Json[];
  const conditionOf = ({ conditions }: Json, type: string) =>
    (conditions as Condition[]).find((each) => each.type === type)!;

  test("a job is made with Google's defaults, listed, changed and deleted", async () => {
    const job = await createJob("plain", jobBody(SUCCEEDING));
    assert.equal(job["name"], `${PARENT}/jobs/plain`);
    assert.deepEqual([job["generation"], job["observedGeneration"], job["launchStage"]], ["1", "1", "GA"]);
    assert.equal((job["terminalCondition"] as Condition).state, "CONDITION_SUCCEEDED");
    const { taskCount, parallelism, template } = job["template"] as { template: Json } & Json;
    assert.deepEqual([taskCount, parallelism], [1, undefined]);
    assert.deepEqual([template["maxRetries"], template["timeout"]], [3, "600s"]);
    assert.equal(template["executionEnvironment"], "EXECUTION_ENVIRONMENT_GEN2");
    assert.match(String(template["serviceAccount"]), /-compute@developer\.gserviceaccount\.com$/);

    const list = (await call("GET", `${PARENT}/jobs`)).body["jobs"] as Json[];
    assert.ok(list.some(({ name }) => name === job["name"]));
    const twice = await call("POST", `${PARENT}/jobs?jobId=plain`, jobBody(SUCCEEDING));
    assert.deepEqual(
      [twice.status, (twice.body["error"] as Json)["message"]],
      [409, "Resource 'plain' already exists."],
    );

    const same = await booted.wait(await call("PATCH", `${PARENT}/jobs/plain`, jobBody(SUCCEEDING)));
    assert.equal((same["response"] as Json)["generation"], "1");
    const other = await call("PATCH", `${PARENT}/jobs/plain`, {
      ...jobBody(SUCCEEDING, { taskCount: 4 }),
      etag: '"x"',
    });
    assert.equal(other.status, 409);
    const changed = await booted.wait(
      await call("PATCH", `${PARENT}/jobs/plain`, jobBody(SUCCEEDING, { taskCount: 4 })),
    );
    assert.equal((changed["response"] as Json)["generation"], "2");

    await booted.wait(await call("DELETE", `${PARENT}/jobs/plain`));
    const gone = await call("GET", `${PARENT}/jobs/plain`);
    const message = "Resource 'plain' of kind 'JOB' in region 'us-central1' in project 'demo' does not exist.";
    assert.deepEqual([gone.status, (gone.body["error"] as Json)["message"]], [404, message]);
  });

  test("an execution runs every task with its variables", async () => {
    const check = `const e = process.env;
      process.exit(e.CLOUD_RUN_JOB === "tasks" && e.CLOUD_RUN_EXECUTION.startsWith("tasks-") &&
        e.CLOUD_RUN_TASK_COUNT === "3" && e.CLOUD_RUN_TASK_ATTEMPT === "0" && /^[012]$/.test(e.CLOUD_RUN_TASK_INDEX) ? 0 : 1)`;
    await createJob("tasks", jobBody(check, { taskCount: 3, parallelism: 2 }));
    const { operation, execution } = await run("tasks");
    assert.equal((operation["response"] as Json)["name"], execution["name"], JSON.stringify(operation));
    assert.match(String(execution["name"]), /\/jobs\/tasks\/executions\/tasks-[a-z0-9]{5}$/);
    assert.deepEqual([execution["job"], execution["parallelism"], execution["taskCount"]], ["tasks", 2, 3]);
    assert.deepEqual([execution["succeededCount"], execution["failedCount"]], [3, undefined]);
    const messages = (execution["conditions"] as Condition[]).map(({ type, state, message }) => [type, state, message]);
    assert.deepEqual(
      messages.map(([type, state]) => `${type} ${state}`),
      ["Completed", "ResourcesAvailable", "Started", "ContainerReady"].map((type) => `${type} CONDITION_SUCCEEDED`),
    );
    assert.match(String(messages[0]![2]), /^Execution completed successfully in [\d.]+s\.$/);
    assert.equal(messages[1]![2], "Provisioned imported containers.");
    assert.match(String(messages[2]![2]), /^Started deployed execution in [\d.]+s\.$/);
    assert.match(String(messages[3]![2]), /^Imported container image in [\d.]+s\.$/);
    const [{ image } = { image: "" }] = ((execution["template"] as Json)["containers"] as { image: string }[]) ?? [];
    assert.match(image, /@sha256:/, "all tasks use one digest");

    const tasks = await tasksOf(execution);
    const id = String(execution["name"]).split("/").at(-1);
    assert.deepEqual(
      tasks.map(({ name }) => name),
      [0, 1, 2].map((index) => `${String(execution["name"])}/tasks/${id}-task${index}`),
    );
    assert.deepEqual(
      tasks.map(({ index = 0, lastAttemptResult }) => [index, lastAttemptResult]),
      [0, 1, 2].map((index) => [index, { status: {} }]),
    );
    const job = (await call("GET", `${PARENT}/jobs/tasks`)).body;
    assert.equal(job["executionCount"], 1);
    const latest = job["latestCreatedExecution"] as Json;
    assert.deepEqual([latest["name"], latest["completionStatus"]], [id, "EXECUTION_SUCCEEDED"]);
  });

  test("failed attempts are retried; a task without retries left fails its execution", async () => {
    await createJob("flaky", jobBody(FLAKY, {}, { maxRetries: 1 }));
    const { execution } = await run("flaky");
    assert.deepEqual([execution["succeededCount"], execution["retriedCount"]], [1, 1]);
    assert.equal((await tasksOf(execution))[0]!["retried"], 1);

    await createJob("failing", jobBody("process.exit(3)", { taskCount: 2 }, { maxRetries: 0 }));
    const failed = await run("failing");
    const id = String(failed.execution["name"]).split("/").at(-1);
    const message = `Task ${id}-task0 failed with exit code: 3 and message: The container exited with an error.`;
    const other = message.replace("task0", "task1");
    const error = failed.operation["error"] as Json;
    assert.equal(error["code"], 10);
    assert.ok([message, other].includes(String(error["message"])), String(error["message"]));
    const completed = conditionOf(failed.execution, "Completed");
    assert.deepEqual([completed.state, completed.executionReason], ["CONDITION_FAILED", "NON_ZERO_EXIT_CODE"]);
    assert.equal(failed.execution["failedCount"], 2);
    const [task] = await tasksOf(failed.execution);
    const result = { status: { code: 10, message: "The container exited with an error." }, exitCode: 3 };
    assert.deepEqual(task!["lastAttemptResult"], result);
  });

  test("overrides hold for one execution", async () => {
    const program = "process.exit(process.env.MODE === 'all' && process.argv.length > 0 ? 0 : 1)";
    await createJob("overridden", jobBody(program, {}, { maxRetries: 0 }));
    const env = [{ name: "MODE", value: "all" }];
    const overrides = { taskCount: 2, timeout: "30s", containerOverrides: [{ args: ["--all"], env }] };
    const { execution } = await run("overridden", { overrides });
    assert.deepEqual([execution["taskCount"], execution["succeededCount"]], [2, 2]);
    const template = execution["template"] as { timeout: string; containers: { args: string[] }[] };
    assert.deepEqual([template.timeout, template.containers[0]!.args], ["30s", ["--all"]]);
    const job = (await call("GET", `${PARENT}/jobs/overridden`)).body["template"] as Json;
    assert.equal(job["taskCount"], 1);
    const wrong = await call("POST", `${PARENT}/jobs/overridden:run`, { overrides: { taskCount: 20_000 } });
    assert.match(JSON.stringify(wrong.body), /overrides\.task_count: must be between 1 and 10000/);
    const unknown = { overrides: { containerOverrides: [{ name: "web", clearArgs: true }] } };
    assert.equal((await call("POST", `${PARENT}/jobs/overridden:run`, unknown)).status, 400);
    const planned = await call("POST", `${PARENT}/jobs/overridden:run`, { validateOnly: true });
    assert.equal(planned.body["done"], true);
    const { executions } = (await call("GET", `${PARENT}/jobs/overridden/executions`)).body as { executions: Json[] };
    assert.equal(executions.length, 1);
  });

  test("a cancelled execution stops its tasks and starts no more", async () => {
    await createJob("endless", jobBody(SILENT, { taskCount: 3, parallelism: 1 }));
    const started = await call("POST", `${PARENT}/jobs/endless:run`, {});
    const { name } = started.body["metadata"] as { name: string };
    await until(async () => (await call("GET", name)).body["runningCount"] === 1);
    const cancelling = await call("POST", `${name}:cancel`, {});
    const waiting = conditionOf(cancelling.body["metadata"] as Json, "Completed");
    assert.deepEqual(
      [waiting.executionReason, waiting.message],
      ["CANCELLING", "Waiting for execution to be cancelled."],
    );
    const cancelled = (await booted.wait(cancelling))["response"] as Json;
    const completed = conditionOf(cancelled, "Completed");
    assert.deepEqual([completed.executionReason, completed.message], ["CANCELLED", "Cancelled by user."]);
    assert.deepEqual([cancelled["cancelledCount"], cancelled["runningCount"]], [3, undefined]);
    assert.equal(((await booted.wait(started))["response"] as Json)["name"], name, "the run is answered, too");
    const again = await call("POST", `${name}:cancel`, {});
    const id = name.split("/").at(-1);
    const message = `Execution '${id}' cannot be cancelled because it is not running.`;
    assert.deepEqual([again.status, (again.body["error"] as Json)["message"]], [400, message]);
    const job = (await call("GET", `${PARENT}/jobs/endless`)).body["latestCreatedExecution"] as Json;
    assert.equal(job["completionStatus"], "EXECUTION_CANCELLED");
  });

  test("deleting a job or execution stops what runs", async () => {
    await createJob("doomed", jobBody(SILENT));
    const one = await call("POST", `${PARENT}/jobs/doomed:run`, {});
    const { name } = one.body["metadata"] as { name: string };
    await until(async () => (await call("GET", name)).body["runningCount"] === 1);
    const deleted = (await booted.wait(await call("DELETE", name)))["response"] as Json;
    assert.ok(deleted["deleteTime"]);
    assert.equal((await call("GET", name)).status, 404);
    const two = await call("POST", `${PARENT}/jobs/doomed:run`, {});
    await booted.wait(await call("DELETE", `${PARENT}/jobs/doomed`));
    assert.equal((await call("GET", (two.body["metadata"] as { name: string }).name)).status, 404);
    assert.deepEqual(
      (await call("GET", `${PARENT}/jobs/-/executions/-/tasks?pageSize=1000`)).body["nextPageToken"],
      undefined,
    );
    assert.ok((await booted.wait(two))["response"]);
  });

  test("a job whose image is missing says so, and so does its execution", async () => {
    const image = "us-central1-docker.pkg.dev/demo/images/missing";
    const body = { template: { template: { containers: [container(SUCCEEDING, image)] } } };
    const operation = await booted.wait(await call("POST", `${PARENT}/jobs?jobId=imageless`, body));
    assert.deepEqual(operation["error"], { code: 5, message: `Image '${image}' not found.` });
    const job = (await call("GET", `${PARENT}/jobs/imageless`)).body;
    const ready = job["terminalCondition"] as Condition;
    assert.deepEqual([ready.state, ready.reason], ["CONDITION_FAILED", "CONTAINER_MISSING"]);
    const { execution } = await run("imageless");
    assert.equal(conditionOf(execution, "ContainerReady").message, `Image '${image}' not found.`);
    assert.equal(conditionOf(execution, "Completed").reason, "CONTAINER_MISSING");
  });

  test("a token starts one execution, and the job is ready as it says", async () => {
    const body = jobBody(SUCCEEDING);
    const job = await createJob("token", { ...body, runExecutionToken: "first" });
    const latest = job["latestCreatedExecution"] as Json;
    assert.deepEqual([latest["name"], latest["completionStatus"]], ["token-first", "EXECUTION_SUCCEEDED"]);
    const patch = async (token: object) =>
      (await booted.wait(await call("PATCH", `${PARENT}/jobs/token`, { ...body, ...token })))["response"] as Json;
    assert.equal((await patch({ runExecutionToken: "first" }))["executionCount"], 1);
    const started = await patch({ startExecutionToken: "second" });
    assert.deepEqual(
      [started["executionCount"], (started["latestCreatedExecution"] as Json)["name"]],
      [2, "token-second"],
    );
    const failing = jobBody("process.exit(1)", {}, { maxRetries: 0 });
    const failed = await call("PATCH", `${PARENT}/jobs/token`, { ...failing, runExecutionToken: "third" });
    assert.match(JSON.stringify((await booted.wait(failed))["error"]), /token-third-task0 failed with exit code: 1/);
    const long = await call("PATCH", `${PARENT}/jobs/token`, { ...body, runExecutionToken: "x".repeat(60) });
    assert.match(JSON.stringify(long.body), /must be fewer than 63 characters/);
  });

  test("what is not valid or not supported is refused by name", async () => {
    const refused = async (body: object, pattern: RegExp, id = "refused") => {
      const answer = await call("POST", `${PARENT}/jobs?jobId=${id}`, body);
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      assert.match(JSON.stringify(answer.body), pattern);
    };
    await refused(jobBody(SUCCEEDING), /Violation in CreateJobRequest\.job_id/, "Upper");
    await refused(jobBody(SUCCEEDING, { taskCount: 10_001 }), /CreateJobRequest\.job\.template\.task_count/);
    await refused(jobBody(SUCCEEDING, {}, { timeout: "604801s" }), /template\.template\.timeout/);
    await refused(jobBody(SUCCEEDING, {}, { maxRetries: 11 }), /max_retries/);
    await refused(
      jobBody(SUCCEEDING, {}, { encryptionKey: "k" }),
      /job\.template\.template\.encryption_key is not supported/,
    );
    await refused(
      { ...jobBody(SUCCEEDING), binaryAuthorization: { useDefault: true } },
      /binary_authorization is not supported/,
    );
    await refused({ template: { template: {} } }, /containers/);
    const reserved = { ...container(SUCCEEDING), env: [{ name: "CLOUD_RUN_TASK_INDEX", value: "7" }] };
    await refused({ template: { template: { containers: [reserved] } } }, /reserved env names.*CLOUD_RUN_TASK_INDEX/);
    await booted.wait(await call("POST", `${PARENT}/jobs?jobId=quiet`, jobBody(SUCCEEDING)));
    const overrides = { containerOverrides: [{ env: [{ name: "CLOUD_RUN_JOB", value: "x" }] }] };
    const overridden = await call("POST", `${PARENT}/jobs/quiet:run`, { overrides });
    assert.match(JSON.stringify(overridden.body), /"field":"overrides\.container_overrides\[0\]\.env"/);
    const run404 = await call("POST", `${PARENT}/jobs/nobody:run`, {});
    assert.equal(run404.status, 404);
  });
});
