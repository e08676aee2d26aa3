import assert from "node:assert/strict";
import { test } from "node:test";
import { create, createRegistry, toJson } from "@bufbuild/protobuf";
import {
  crashEverywhere,
  type CrashScenario,
  interruptEverywhere,
} from "../../../../tests/recovery/crash-everywhere.ts";
import type { Process } from "../../../../tests/recovery/mortal-process.ts";
import { file_google_cloud_run_v2_instance, InstanceSchema } from "../../../gen/google/cloud/run/v2/instance_pb.js";
import type { RevisionSpec, ServiceRoute } from "../../../instances/serving.ts";
import { operationMigrations } from "../../../wire/operations/migrations.ts";
import { createOperations } from "../../../wire/operations/operations.ts";
import { createAttempts } from "../attempts.ts";
import type { RunContext } from "../context.ts";
import { runMigrations } from "../migrations.ts";
import { createPlacements } from "../placements.ts";
import { createRunStore } from "../store.ts";
import { changeInstance, createInstance, type Wanted } from "./apply.ts";
import { reconcileInstance } from "./reconcile.ts";
import { redeclareInstances } from "./redeclare.ts";
import { createInstanceStore } from "./store.ts";
import { validInstance } from "./validate.ts";

const LOCATION = "projects/demo/locations/us-central1";
const NAME = `${LOCATION}/instances/hello`;
const EMAIL = "me@example.com";

/** What the serving floor of the newest process was told; it is lost with the process. */
interface World {
  declared: Set<string>;
  routes: Set<string>;
}

const contexts = new WeakMap<Process<World>["store"], RunContext>();

function contextOf(process: Process<World>): RunContext {
  const known = contexts.get(process.store);
  if (known) return { ...known, ids: process.ids };
  const [declared, routes] = [new Set<string>(), new Set<string>()];
  Object.assign(process.world, { declared, routes });
  const serving = {
    ensureRevision: ({ name }: RevisionSpec) => void declared.add(name),
    removeRevision: async (name: string) => {
      await process.edge("serving.removeRevision", async () => void declared.delete(name));
    },
    setRoute: ({ service }: ServiceRoute) => void routes.add(service),
    removeRoute: (service: string) => void routes.delete(service),
    awaitReady: async (_name: string, signal?: AbortSignal) => {
      await process.edge("serving.awaitReady", async () => {});
      signal?.throwIfAborted();
      return { ready: true } as const;
    },
  };
  const types = createRegistry(file_google_cloud_run_v2_instance);
  const context = {
    ...process,
    serving,
    registry: process.edges("registry", { resolve: async () => `sha256:${"a".repeat(64)}` }),
    operations: createOperations({ ...process, registry: () => types }),
    rows: createRunStore(process.store),
    instances: createInstanceStore(process.store),
    attempts: createAttempts(),
    placements: createPlacements(serving, process.log),
  } as unknown as RunContext;
  contexts.set(process.store, context);
  return context;
}

const wish = () => {
  const containers = [{ image: "us-central1-docker.pkg.dev/demo/images/hello", ports: [{ containerPort: 80 }] }];
  return validInstance(create(InstanceSchema, { name: NAME, containers }));
};

async function observe(process: Process<World>) {
  const { instances, operations } = contextOf(process);
  const record = await instances.get(NAME);
  const all = await operations.list({ parent: LOCATION, limit: 10 });
  const { declared, routes } = process.world;
  const { terminalCondition, ...instance } = record ? (toJson(InstanceSchema, record.instance) as object as Shown) : {};
  return {
    instance: record && instance,
    state: terminalCondition?.state,
    intent: record?.hidden.intent,
    operations: all.map(({ operation }) => [operation.name, operation.done, operation.result.case]),
    floor: [...declared, ...routes],
  };
}

/** How long a start took is a matter of time. */
interface Shown {
  readonly terminalCondition?: { readonly state: string };
}

const scenario: CrashScenario<World> = {
  makeWorld: () => ({ declared: new Set(), routes: new Set() }),
  async setUp({ store }) {
    await store.migrate("wire.operations", operationMigrations);
    await store.migrate("run", runMigrations);
  },
  async request(process) {
    const context = contextOf(process);
    if (await context.instances.get(NAME)) return;
    await createInstance(context, wish(), EMAIL);
  },
  async run(process) {
    const context = contextOf(process);
    await redeclareInstances(context);
    return { "run.instance": reconcileInstance(context) };
  },
  observe,
};

const asking = (wanted: Wanted) => async (process: Process<World>) =>
  void (await changeInstance(contextOf(process), NAME, wanted, () => undefined, EMAIL));

test("an instance runs in the end wherever the process dies", async () => {
  const boundaries = await crashEverywhere(scenario);
  assert.ok(boundaries.includes("after serving.awaitReady"));
  assert.ok(boundaries.includes("before registry.resolve"));
});

test("it is stopped in the end whenever that is asked for", async () => {
  await interruptEverywhere({
    ...scenario,
    interrupt: asking("STOP"),
    async observe(process) {
      const { state, intent, operations, floor } = await observe(process);
      assert.deepEqual([state, intent, floor], ["CONDITION_FAILED", "STOP", []]);
      return operations.every(([, done]) => done);
    },
  });
});

test("a deletion leaves nothing whenever it comes", async () => {
  await interruptEverywhere({
    ...scenario,
    interrupt: asking("DELETE"),
    async observe(process) {
      const { instance, operations, floor } = await observe(process);
      assert.deepEqual([instance, floor], [undefined, []]);
      return operations.every(([, done]) => done);
    },
  });
});
