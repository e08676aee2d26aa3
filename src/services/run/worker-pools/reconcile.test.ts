import assert from "node:assert/strict";
import { test } from "node:test";
import { create, createRegistry, toJson } from "@bufbuild/protobuf";
import {
  crashEverywhere,
  type CrashScenario,
  interruptEverywhere,
} from "../../../../tests/recovery/crash-everywhere.ts";
import type { Process } from "../../../../tests/recovery/mortal-process.ts";
import {
  file_google_cloud_run_v2_worker_pool,
  WorkerPoolSchema,
} from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import type { RevisionSpec } from "../../../instances/serving.ts";
import { createPolicies, policyMigrations } from "../../../wire/iam/policies.ts";
import { operationMigrations } from "../../../wire/operations/migrations.ts";
import { createOperations } from "../../../wire/operations/operations.ts";
import { createAttempts } from "../attempts.ts";
import type { RunContext } from "../context.ts";
import { runMigrations } from "../migrations.ts";
import { createPlacements } from "../placements.ts";
import { isReady } from "../revisions/revision.ts";
import { createRunStore, NO_HIDDEN_METADATA } from "../store.ts";
import { createWorkerPool, deleteWorkerPool, updateWorkerPool, validWorkerPoolWish } from "./apply.ts";
import { v2WorkerPoolNaming } from "./naming.ts";
import { reconcileWorkerPool } from "./reconcile.ts";
import { redeclareWorkerPools } from "./redeclare.ts";
import { createWorkerPoolStore } from "./store.ts";

const LOCATION = "projects/demo/locations/us-central1";
const NAME = `${LOCATION}/workerPools/hello`;
const EMAIL = "me@example.com";

/** Instances by revision that the serving floor of the newest process was told to run; they are lost with the process. */
interface World {
  counts: Map<string, number>;
}

const contexts = new WeakMap<Process<World>["store"], RunContext>();

function contextOf(process: Process<World>): RunContext {
  const known = contexts.get(process.store);
  if (known) return { ...known, ids: process.ids };
  const counts = new Map<string, number>();
  process.world.counts = counts;
  const serving = {
    ensureRevision: ({ name, minInstances }: RevisionSpec) => void counts.set(name, minInstances),
    removeRevision: async (name: string) => void counts.delete(name),
    instanceCounts: (name: string) => ({ starting: 0, active: 0, idle: counts.get(name) ?? 0 }),
    awaitReady: async (_name: string, signal?: AbortSignal) => {
      await process.edge("serving.awaitReady", async () => {});
      signal?.throwIfAborted();
      return { ready: true } as const;
    },
  };
  const types = createRegistry(file_google_cloud_run_v2_worker_pool);
  const context = {
    ...process,
    serving,
    registry: process.edges("registry", { resolve: async () => `sha256:${"a".repeat(64)}` }),
    operations: createOperations({ ...process, registry: () => types }),
    policies: createPolicies(process.store),
    rows: createRunStore(process.store),
    workerPools: createWorkerPoolStore(process.store),
    attempts: createAttempts(),
    placements: createPlacements(serving, process.log),
  } as unknown as RunContext;
  contexts.set(process.store, context);
  return context;
}

function wishFor(answer: string) {
  const env = [{ name: "ANSWER", values: { case: "value" as const, value: answer } }];
  const containers = [{ image: "us-central1-docker.pkg.dev/demo/images/hello", env }];
  const workerPool = create(WorkerPoolSchema, {
    name: NAME,
    template: { containers },
    scaling: { manualInstanceCount: 3 },
  });
  const wish = { workerPool, metadata: NO_HIDDEN_METADATA, template: NO_HIDDEN_METADATA };
  return validWorkerPoolWish(wish, v2WorkerPoolNaming("Request"));
}

async function observe(process: Process<World>) {
  const { rows, workerPools, operations } = contextOf(process);
  const record = await workerPools.get(NAME);
  const latest = record?.workerPool.latestCreatedRevision;
  const revisions = await rows.listRevisions({ parent: NAME, limit: 10 });
  const all = await operations.list({ parent: LOCATION, limit: 10 });
  return {
    workerPool: record && toJson(WorkerPoolSchema, record.workerPool),
    revisions: revisions.map(({ revision }) => [revision.name, revision.name !== latest || isReady(revision)]),
    operations: all.map(({ operation }) => [operation.name, operation.done, operation.result.case]),
    counts: [...process.world.counts],
  };
}

const scenario: CrashScenario<World> = {
  makeWorld: () => ({ counts: new Map() }),
  async setUp({ store }) {
    await store.migrate("wire.operations", operationMigrations);
    await store.migrate("wire.iam", policyMigrations);
    await store.migrate("run", runMigrations);
  },
  async request(process) {
    const context = contextOf(process);
    if (await context.workerPools.get(NAME)) return;
    await createWorkerPool(context, wishFor("one"), EMAIL);
  },
  async run(process) {
    const context = contextOf(process);
    await redeclareWorkerPools(context);
    return { "run.workerPool": reconcileWorkerPool(context) };
  },
  observe,
};

test("a deployment of a worker pool ends the same wherever the process dies", async () => {
  const boundaries = await crashEverywhere(scenario);
  assert.ok(boundaries.includes("after serving.awaitReady"));
  assert.ok(boundaries.includes("before registry.resolve"));
});

test("it ends as its update says whenever that comes in between", async () => {
  await interruptEverywhere({
    ...scenario,
    interrupt: async (process) => void (await updateWorkerPool(contextOf(process), NAME, () => wishFor("two"), EMAIL)),
    // When the create was done, if it was, is a matter of time.
    async observe(process) {
      const end = await observe(process);
      const { createTime: _c, updateTime: _u, ...workerPool } = end.workerPool as Record<string, unknown>;
      return { ...end, workerPool };
    },
  });
});

test("a deletion ends it whenever it comes, and leaves nothing", async () => {
  await interruptEverywhere({
    ...scenario,
    interrupt: async (process) => void (await deleteWorkerPool(contextOf(process), NAME, () => undefined, EMAIL)),
    async observe(process) {
      const { workerPool, revisions, counts, operations } = await observe(process);
      assert.deepEqual({ workerPool, revisions, counts }, { workerPool: undefined, revisions: [], counts: [] });
      return operations.every(([, done]) => done);
    },
  });
});
