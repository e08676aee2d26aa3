import assert from "node:assert/strict";
import { test } from "node:test";
import { create, createRegistry } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  crashEverywhere,
  type CrashScenario,
  interruptEverywhere,
} from "../../../../tests/recovery/crash-everywhere.ts";
import type { Process } from "../../../../tests/recovery/mortal-process.ts";
import { file_google_cloud_run_v2_execution } from "../../../gen/google/cloud/run/v2/execution_pb.js";
import { file_google_cloud_run_v2_job, JobSchema } from "../../../gen/google/cloud/run/v2/job_pb.js";
import type { TaskOutcome, TaskSpec } from "../../../instances/serving.ts";
import { createPolicies, policyMigrations } from "../../../wire/iam/policies.ts";
import { operationMigrations } from "../../../wire/operations/migrations.ts";
import { createOperations } from "../../../wire/operations/operations.ts";
import { createAttempts } from "../attempts.ts";
import type { RunContext } from "../context.ts";
import { NO_HIDDEN_METADATA } from "../store.ts";
import { createJob, deleteJob, validJobWish } from "./apply.ts";
import { cancelExecution } from "./apply-execution.ts";
import { runMigrations } from "../migrations.ts";
import { v2JobNaming } from "./naming.ts";
import { reconcileExecution } from "./reconcile-execution.ts";
import { reconcileJob } from "./reconcile-job.ts";
import { createJobStore } from "./store.ts";
import { readTasks } from "./task-ledger.ts";

const NAME = "projects/demo/locations/us-central1/jobs/sum";
const LOCATION = "projects/demo/locations/us-central1";
const TASKS = 2;

/** What outlives processes: nothing, since the sandboxes of attempts go with their server. */
type World = Record<string, never>;

const contexts = new WeakMap<Process<World>["store"], RunContext>();

function contextOf(process: Process<World>): RunContext {
  const known = contexts.get(process.store);
  if (known) return { ...known, ids: process.ids };
  const serving = {
    taskSlot: async () => ({ [Symbol.dispose]: () => undefined }),
    // The task with index 1 fails in its first attempt.
    async runTask({ contractEnv }: TaskSpec, signal: AbortSignal): Promise<TaskOutcome> {
      await process.edge("serving.runTask", async () => {});
      if (signal.aborted) return { outcome: "CANCELLED" };
      const fails = contractEnv["CLOUD_RUN_TASK_INDEX"] === "1" && contractEnv["CLOUD_RUN_TASK_ATTEMPT"] === "0";
      if (!fails) return { outcome: "SUCCEEDED" };
      return { outcome: "FAILED", exit: { exitCode: 1, signal: null, outOfMemory: false }, message: "exit(1)" };
    },
  };
  const registry = process.edges("registry", { resolve: async () => `sha256:${"a".repeat(64)}` });
  const types = createRegistry(file_google_cloud_run_v2_job, file_google_cloud_run_v2_execution);
  const context = {
    ...process,
    serving,
    registry,
    operations: createOperations({ ...process, registry: () => types }),
    policies: createPolicies(process.store),
    jobs: createJobStore(process.store),
    attempts: createAttempts(),
  } as unknown as RunContext;
  contexts.set(process.store, context);
  return context;
}

const wish = () => {
  const template = {
    taskCount: TASKS,
    // One after the other, so that each try meets the same boundaries.
    parallelism: 1,
    template: {
      containers: [{ image: "us-central1-docker.pkg.dev/demo/images/sum" }],
      retries: { case: "maxRetries" as const, value: 9 },
      timeout: durationFromMs(60_000),
    },
  };
  const createExecution = { case: "runExecutionToken" as const, value: "one" };
  const job = create(JobSchema, { name: NAME, template, createExecution });
  return validJobWish({ job, metadata: NO_HIDDEN_METADATA, template: NO_HIDDEN_METADATA }, v2JobNaming("Request"));
};

async function observe(process: Process<World>) {
  const { jobs, operations } = contextOf(process);
  const record = await jobs.getJob(NAME);
  const executions = await jobs.listExecutions({ parent: NAME, limit: 10 });
  const tasks = await readTasks(contextOf(process), `${NAME}/executions/sum-one`);
  const all = await operations.list({ parent: LOCATION, limit: 10 });
  return {
    job: record && [record.job.reconciling, record.job.terminalCondition?.state, record.job.executionCount],
    executions: executions.map(({ execution }) => {
      const { name, reconciling, succeededCount, failedCount, runningCount, conditions } = execution;
      return [name, reconciling, succeededCount, failedCount, runningCount, conditions.map(({ state }) => state)];
    }),
    tasks: tasks.map(({ name, state }) => [name, state.phase, state.lastAttempt?.code]),
    operations: all.map(({ operation }) => [operation.done, operation.result.case]),
  };
}

const scenario: CrashScenario<World> = {
  makeWorld: () => ({}),
  async setUp({ store }) {
    await store.migrate("wire.operations", operationMigrations);
    await store.migrate("wire.iam", policyMigrations);
    await store.migrate("run", runMigrations);
  },
  async request(process) {
    const context = contextOf(process);
    if (await context.jobs.getJob(NAME)) return;
    await createJob(context, wish(), "me@example.com");
  },
  async run(process) {
    const context = contextOf(process);
    return { "run.job": reconcileJob(context), "run.execution": reconcileExecution(context) };
  },
  observe,
};

test("an execution ends the same wherever the process dies: lost attempts are made again", async () => {
  const boundaries = await crashEverywhere(scenario);
  assert.ok(boundaries.includes("after serving.runTask"));
});

test("a cancelled execution ends whenever the cancellation comes", async () => {
  await interruptEverywhere({
    ...scenario,
    interrupt: async (process) => {
      const cancel = cancelExecution(contextOf(process), `${NAME}/executions/sum-one`, () => undefined);
      await cancel.catch(() => undefined);
    },
    async observe(process) {
      const { job, tasks, operations } = await observe(process);
      assert.equal(job?.[0], false);
      assert.equal(
        tasks.every(([, phase]) => phase !== "RUNNING" && phase !== "PENDING"),
        true,
      );
      return operations.every(([done]) => done);
    },
  });
});

test("a deletion ends an execution whenever it comes, and leaves nothing", async () => {
  await interruptEverywhere({
    ...scenario,
    interrupt: async (process) => void (await deleteJob(contextOf(process), NAME, () => undefined, "me@example.com")),
    async observe(process) {
      const { job, executions, tasks, operations } = await observe(process);
      assert.deepEqual({ job, executions, tasks }, { job: undefined, executions: [], tasks: [] });
      return operations.every(([done]) => done);
    },
  });
});
