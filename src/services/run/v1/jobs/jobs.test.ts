import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, describe, test } from "node:test";
import { until } from "../../../../../tests/support/until.ts";
import { type BootedRun, bootRun, IMAGE, PARENT } from "../../testing/boot-run.ts";
import { PROGRAM, SILENT } from "../../testing/process-serving.ts";

const HOST = "us-central1-run.googleapis.com";
const ROOT = "/apis/run.googleapis.com/v1/namespaces/demo";

interface Knative {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string; resourceVersion: string } & Record<
    "labels" | "annotations",
    Record<string, string>
  >;
  spec: { template: { spec: Record<string, unknown> } } & Record<string, unknown>;
  status: { conditions: { type: string; status: string; reason?: string; message?: string }[] } & Record<
    string,
    unknown
  >;
}

describe("jobs of run v1", () => {
  let booted: BootedRun;
  before(async () => {
    booted = await bootRun();
  });
  after(() => booted[Symbol.asyncDispose]());

  /** Sends a request as a client that uses Google's host names, which fetch cannot. */
  const call = (method: string, path: string, body?: unknown, host = HOST): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(`${booted.api.url}${path}`, { method, headers: { host } }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
        response.on("end", () => resolve({ status: response.statusCode!, text }));
      });
      request.on("error", reject);
      request.end(body === undefined ? "" : JSON.stringify(body));
    });
  const json = async (method: string, path: string, body?: unknown, host = HOST): Promise<Knative> => {
    const { status, text } = await call(method, path, body, host);
    assert.equal(status, 200, text);
    return JSON.parse(text) as Knative;
  };
  const jobBody = (name: string, program: string, spec: object = {}, task: object = {}) => ({
    apiVersion: "run.googleapis.com/v1",
    kind: "Job",
    metadata: { name, namespace: "demo", annotations: { "run.googleapis.com/client-name": "gcloud" } },
    spec: {
      template: {
        metadata: { labels: { team: "a" }, annotations: { "run.googleapis.com/client-name": "gcloud" } },
        spec: {
          ...spec,
          template: { spec: { containers: [{ image: IMAGE, env: [{ name: PROGRAM, value: program }] }], ...task } },
        },
      },
    },
  });
  const statusOf = ({ status }: Knative, type: string) => status.conditions.find((each) => each.type === type)?.status;
  const ready = (name: string) =>
    until(async () => {
      const job = await json("GET", `${ROOT}/jobs/${name}`);
      return statusOf(job, "Ready") === "True" && job;
    });
  const completed = (name: string) =>
    until(async () => {
      const execution = await json("GET", `${ROOT}/executions/${name}`);
      return statusOf(execution, "Completed") !== "Unknown" && execution;
    });

  test("a job is written by v1 and read by v2, and runs to its end", async () => {
    const task = { maxRetries: 0, timeoutSeconds: "3600" };
    await json("POST", `${ROOT}/jobs`, jobBody("first", "process.exit(0)", { taskCount: 2, parallelism: 1 }, task));
    const job = await ready("first");
    assert.deepEqual([job.apiVersion, job.kind], ["run.googleapis.com/v1", "Job"]);
    assert.equal(job.metadata.labels["cloud.googleapis.com/location"], "us-central1");
    assert.ok(job.metadata.labels["run.googleapis.com/lastUpdatedTime"]);
    assert.equal(job.metadata.annotations["run.googleapis.com/creator"], "owner@localhost");
    const spec = job.spec.template.spec as { taskCount: number; template: { spec: Record<string, unknown> } };
    assert.deepEqual([spec.taskCount, spec.template.spec["timeoutSeconds"]], [2, "3600"]);
    const v2 = (await booted.api.json("GET", `/run/v2/${PARENT}/jobs/first`)).body;
    assert.deepEqual([v2["client"], (v2["template"] as Record<string, unknown>)["parallelism"]], ["gcloud", 1]);

    const started = await json("POST", `${ROOT}/jobs/first:run`, {});
    const execution = await completed(started.metadata.name);
    assert.equal(statusOf(execution, "Completed"), "True");
    const id = started.metadata.annotations["run.googleapis.com/operation-id"];
    const waited = await json("POST", `/v1/projects/demo/locations/us-central1/operations/${id}:wait`, {});
    const { response } = waited as unknown as { response: Knative };
    assert.deepEqual([response.kind, response.metadata.name], ["Execution", started.metadata.name]);
    assert.equal(execution.status["succeededCount"], 2);
    const { labels } = execution.metadata;
    assert.deepEqual([labels["run.googleapis.com/job"], labels["team"]], ["first", "a"]);
    assert.equal(labels["run.googleapis.com/jobGeneration"], "1");

    const selector = encodeURIComponent("run.googleapis.com/job = first");
    const list = await call("GET", `${ROOT}/executions?labelSelector=${selector}&limit=100`);
    assert.match(
      list.text,
      new RegExp(`"metadata":\\{"resourceVersion":"[\\w-]+"\\},"items":\\[.*${started.metadata.name}`),
    );
    const states = `run.googleapis.com/execution = ${started.metadata.name},run.googleapis.com/runningState in (Succeeded)`;
    const tasks = JSON.parse((await call("GET", `${ROOT}/tasks?labelSelector=${encodeURIComponent(states)}`)).text) as {
      items: Knative[];
    };
    assert.deepEqual(
      tasks.items.map(({ metadata, status }) => [metadata.name, status["index"] ?? 0]),
      [0, 1].map((index) => [`${started.metadata.name}-task${index}`, index]),
    );
    const one = await json("GET", `${ROOT}/tasks/${started.metadata.name}-task1`, undefined, "run.googleapis.com");
    assert.deepEqual(one.status["lastAttemptResult"], { status: {} });
    const latest = (await json("GET", `${ROOT}/jobs/first`)).status["latestCreatedExecution"] as Record<
      string,
      unknown
    >;
    assert.deepEqual([latest["name"], latest["completionStatus"]], [started.metadata.name, "EXECUTION_SUCCEEDED"]);
  });

  test("a failed execution tells reason and message, and overrides count", async () => {
    await json(
      "POST",
      `${ROOT}/jobs`,
      jobBody("second", "process.exit(Number(process.env.CODE))", {}, { maxRetries: 0 }),
    );
    await ready("second");
    const overrides = {
      containerOverrides: [{ env: [{ name: "CODE", value: "4" }], clearArgs: false }],
      timeoutSeconds: 20,
    };
    const started = await json("POST", `${ROOT}/jobs/second:run`, { overrides });
    const execution = await completed(started.metadata.name);
    const [condition] = execution.status.conditions;
    const message = `Task ${started.metadata.name}-task0 failed with exit code: 4 and message: The container exited with an error.`;
    assert.deepEqual(
      [condition!.type, condition!.reason, condition!.message],
      ["Completed", "NonZeroExitCode", message],
    );
    const task = await json("GET", `${ROOT}/tasks/${started.metadata.name}-task0`);
    assert.equal(task.metadata.labels["run.googleapis.com/runningState"], "Failed");
    const error = { code: 10, message: "The container exited with an error." };
    assert.deepEqual(task.status["lastAttemptResult"], { status: error, exitCode: 4 });
  });

  test("an object read is written back, cancelled and deleted", async () => {
    await json("POST", `${ROOT}/jobs`, jobBody("third", SILENT));
    const job = await ready("third");
    const again = await json("PUT", `${ROOT}/jobs/third`, job);
    assert.equal((again.metadata as unknown as { generation: number }).generation, 1);
    const stale = await call("PUT", `${ROOT}/jobs/third`, job);
    assert.equal(stale.status, 409, stale.text);
    const { name } = (await json("POST", `${ROOT}/jobs/third:run`, {})).metadata;
    await until(async () => (await json("GET", `${ROOT}/executions/${name}`)).status["runningCount"] === 1);
    await json("POST", `${ROOT}/executions/${name}:cancel`, {});
    const execution = await completed(name);
    assert.equal(execution.status.conditions[0]!.reason, "Cancelled");
    await json("DELETE", `${ROOT}/executions/${name}`);
    await until(async () => (await call("GET", `${ROOT}/executions/${name}`)).status === 404);
    await json("DELETE", `${ROOT}/jobs/third`);
    await until(async () => (await call("GET", `${ROOT}/jobs/third`, undefined, "run.googleapis.com")).status === 404);
  });

  test("policies are those of v2; faults are named as in v1", async () => {
    const policy = { bindings: [{ role: "roles/run.invoker", members: ["allUsers"] }] };
    await json("POST", `${ROOT}/jobs`, jobBody("fourth", "process.exit(0)"));
    const path = "/v1/projects/demo/locations/us-central1/jobs/fourth";
    await json("POST", `${path}:setIamPolicy`, { policy }, "run.googleapis.com");
    const read = (await call("GET", `${path}:getIamPolicy`, undefined, "run.googleapis.com")).text;
    assert.match(read, /roles\/run\.invoker/);
    const refused = async (body: object, pattern: RegExp) => {
      const answer = await call("POST", `${ROOT}/jobs`, body);
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.text, pattern);
    };
    await refused(jobBody("fifth", "", { taskCount: -1 }), /spec\.template\.spec\.taskCount: must be between/);
    await refused(jobBody("fifth", "", {}, { maxRetries: 99 }), /spec\.template\.spec\.template\.spec\.maxRetries/);
    await refused(jobBody("fifth", "", {}, { nodeSelector: { a: "b" } }), /nodeSelector is not supported/);
    await refused(jobBody("UPPER", ""), /job\.metadata\.name/);
    await refused({ ...jobBody("fifth", ""), spec: {} }, /spec\.template/);
    const dry = await json("POST", `${ROOT}/jobs?dryRun=all`, jobBody("fifth", ""));
    assert.equal(dry.metadata.name, "fifth");
    assert.equal((await call("GET", `${ROOT}/jobs/fifth`)).status, 404);
    assert.equal((await call("GET", `${ROOT}/tasks?watch=true`)).status, 501);
    const watched = (await call("GET", `${ROOT}/jobs?watch=true&timeoutSeconds=1&labelSelector=!x`)).text;
    assert.match(watched, /^\{"type":"ADDED","object":\{"apiVersion":"run\.googleapis\.com\/v1","kind":"Job",/);
  });
});
