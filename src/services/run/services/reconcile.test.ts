import assert from "node:assert/strict";
import { test } from "node:test";
import { create, createRegistry, toJson } from "@bufbuild/protobuf";
import {
  crashEverywhere,
  type CrashScenario,
  interruptEverywhere,
} from "../../../../tests/recovery/crash-everywhere.ts";
import type { Process } from "../../../../tests/recovery/mortal-process.ts";
import { file_google_cloud_run_v2_service, ServiceSchema } from "../../../gen/google/cloud/run/v2/service_pb.js";
import type { ServiceRoute } from "../../../instances/serving.ts";
import { createPolicies, policyMigrations } from "../../../wire/iam/policies.ts";
import { operationMigrations } from "../../../wire/operations/migrations.ts";
import { createOperations } from "../../../wire/operations/operations.ts";
import { createService, deleteService, updateService, validWish } from "./apply.ts";
import { createAttempts } from "../attempts.ts";
import { isReady } from "../revisions/revision.ts";
import type { RunContext } from "../context.ts";
import { createDeployments } from "./deployments.ts";
import { createInstanceStore } from "../instances/store.ts";
import { runMigrations } from "../migrations.ts";
import { reconcileService } from "./reconcile.ts";
import { redeclareServices } from "./redeclare.ts";
import { createRunStore, NO_HIDDEN_METADATA } from "../store.ts";
import { v2Naming } from "../validate/violations.ts";

const NAME = "projects/demo/locations/us-central1/services/hello";

/** What the serving floor of the newest process was told; it is lost with the process. */
interface World {
  routes: Map<string, ServiceRoute>;
  declared: Set<string>;
}

const contexts = new WeakMap<Process<World>["store"], RunContext>();

function contextOf(process: Process<World>): RunContext {
  const known = contexts.get(process.store);
  if (known) return { ...known, ids: process.ids };
  const world = { routes: new Map<string, ServiceRoute>(), declared: new Set<string>() };
  Object.assign(process.world, world);
  const serving = {
    ensureRevision: ({ name }: { name: string }) => void world.declared.add(name),
    setRoute: (route: ServiceRoute) => void world.routes.set(route.service, route),
    removeRoute: (service: string) => void world.routes.delete(service),
    removeRevision: async (name: string) => void world.declared.delete(name),
    awaitReady: async (_name: string, signal?: AbortSignal) => {
      await process.edge("serving.awaitReady", async () => {});
      signal?.throwIfAborted();
      return { ready: true } as const;
    },
  };
  const registry = process.edges("registry", { resolve: async () => `sha256:${"a".repeat(64)}` });
  const operations = createOperations({ ...process, registry: () => createRegistry(file_google_cloud_run_v2_service) });
  const context = {
    ...process,
    serving,
    registry,
    operations,
    policies: createPolicies(process.store),
    rows: createRunStore(process.store),
    instances: createInstanceStore(process.store),
    attempts: createAttempts(),
    deployments: createDeployments(serving, process.log),
  } as unknown as RunContext;
  contexts.set(process.store, context);
  return context;
}

function wishFor(answer: string) {
  const env = [{ name: "ANSWER", values: { case: "value" as const, value: answer } }];
  const service = create(ServiceSchema, {
    name: NAME,
    template: { containers: [{ image: "us-central1-docker.pkg.dev/demo/images/hello", env }] },
  });
  const wish = { service, metadata: NO_HIDDEN_METADATA, template: NO_HIDDEN_METADATA };
  return validWish(wish, v2Naming("CreateServiceRequest"));
}

async function observe(process: Process<World>) {
  const { rows, operations, deployments } = contextOf(process);
  assert.ok(deployments);
  const record = await rows.getService(NAME);
  const revisions = await rows.listRevisions({ parent: NAME, limit: 10 });
  const all = await operations.list({ parent: "projects/demo/locations/us-central1", limit: 10 });
  const latest = record?.service.latestCreatedRevision;
  return {
    service: record && toJson(ServiceSchema, record.service),
    revisions: revisions.map(({ revision }) => [revision.name, revision.name !== latest || isReady(revision)]),
    operations: all.map(({ operation }) => [operation.name, operation.done, operation.result.case]),
    routes: [...process.world.routes.values()],
    declared: [...process.world.declared],
  };
}

const scenario: CrashScenario<World> = {
  makeWorld: () => ({ routes: new Map(), declared: new Set() }),
  async setUp({ store }) {
    await store.migrate("wire.operations", operationMigrations);
    await store.migrate("wire.iam", policyMigrations);
    await store.migrate("run", runMigrations);
  },
  async request(process) {
    const context = contextOf(process);
    if (await context.rows.getService(NAME)) return;
    await createService(context, wishFor("one"), "me@example.com");
  },
  async run(process) {
    const context = contextOf(process);
    await redeclareServices(context);
    return { "run.service": reconcileService(context) };
  },
  observe,
};

test("a deployment ends the same wherever the process dies", async () => {
  const boundaries = await crashEverywhere(scenario);
  assert.ok(boundaries.includes("after serving.awaitReady"));
  assert.ok(boundaries.includes("before registry.resolve"));
});

test("a deployment ends as its update says whenever that comes in between", async () => {
  const boundaries = await interruptEverywhere({
    ...scenario,
    interrupt: async (process) =>
      void (await updateService(contextOf(process), NAME, () => wishFor("two"), "me@example.com")),
    // Whether the create was done before the update came is a matter of time, and so is when things changed.
    async observe(process) {
      const end = await observe(process);
      const { createTime: _c, updateTime: _u, ...service } = end.service as Record<string, unknown>;
      return { ...end, service };
    },
  });
  assert.ok(boundaries.includes("after serving.awaitReady"));
});

test("a deletion ends a deployment whenever it comes in between, and leaves nothing", async () => {
  const boundaries = await interruptEverywhere({
    ...scenario,
    interrupt: async (process) =>
      void (await deleteService(contextOf(process), NAME, () => undefined, "me@example.com")),
    async observe(process) {
      const { service, revisions, routes, declared, operations } = await observe(process);
      assert.deepEqual(
        { service, revisions, routes, declared },
        {
          service: undefined,
          revisions: [],
          routes: [],
          declared: [],
        },
      );
      return operations.every(([, done]) => done);
    },
  });
  assert.ok(boundaries.includes("after serving.awaitReady"));
});
