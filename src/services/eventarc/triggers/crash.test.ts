import assert from "node:assert/strict";
import { test } from "node:test";
import { create, createRegistry, toJson } from "@bufbuild/protobuf";
import { crashEverywhere, type CrashScenario } from "../../../../tests/recovery/crash-everywhere.ts";
import type { Process } from "../../../../tests/recovery/mortal-process.ts";
import {
  CreateTriggerRequestSchema,
  DeleteTriggerRequestSchema,
  file_google_cloud_eventarc_v1_eventarc,
  UpdateTriggerRequestSchema,
} from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import {
  file_google_cloud_eventarc_v1_trigger,
  TriggerSchema,
} from "../../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import type { Call } from "../../../wire/call.ts";
import { ApiError, failedPrecondition } from "../../../wire/errors.ts";
import { createPolicies, policyMigrations } from "../../../wire/iam/policies.ts";
import { operationMigrations } from "../../../wire/operations/migrations.ts";
import { createOperations } from "../../../wire/operations/operations.ts";
import type { Rpc } from "../../../wire/rpc.ts";
import { clientsOf, fetchOf, makeWorld, type World } from "../testing/world.ts";
import { type Deps, TRIGGER_KIND } from "../deps.ts";
import { createTables, migrations } from "../store.ts";
import { createTrigger } from "../v1/createTrigger.ts";
import { deleteTrigger } from "../v1/deleteTrigger.ts";
import { updateTrigger } from "../v1/updateTrigger.ts";
import { reconcileTrigger } from "./reconcile.ts";
import { readTrigger } from "./save.ts";
import { triggerOf } from "./stored-trigger.ts";

const PARENT = "projects/demo/locations/us-central1";
const NAME = `${PARENT}/triggers/things`;
const CALL = { principal: { kind: "owner" }, signal: new AbortController().signal } as unknown as Call;

function depsOf(process: Process<World>): Deps {
  const { store, clock } = process;
  const registry = createRegistry(file_google_cloud_eventarc_v1_eventarc, file_google_cloud_eventarc_v1_trigger);
  return {
    ...process,
    ...createTables(store),
    operations: createOperations({ store, clock, registry: () => registry }),
    policies: createPolicies(store),
    clients: clientsOf(process),
    fetchInProcess: fetchOf(process),
  } as Partial<Deps> as Deps;
}

const triggerOn = (...filters: readonly (readonly [attribute: string, value: string])[]) => ({
  eventFilters: filters.map(([attribute, value]) => ({ attribute, value })),
  destination: { descriptor: { case: "httpEndpoint", value: { uri: "http://127.0.0.1/" } } } as const,
});
const objects = (bucket: string) => triggerOn(["type", "google.cloud.storage.object.v1.finalized"], ["bucket", bucket]);
const entries = triggerOn(
  ["type", "google.cloud.audit.log.v1.written"],
  ["serviceName", "run.googleapis.com"],
  ["methodName", "google.cloud.run.v2.Services.CreateService"],
);

const creation = (trigger: ReturnType<typeof triggerOn>) => (deps: Deps) =>
  ask(createTrigger(deps), create(CreateTriggerRequestSchema, { parent: PARENT, triggerId: "things", trigger }));
const update = (deps: Deps) => {
  const trigger = { ...objects("new"), name: NAME };
  const updateMask = { paths: ["event_filters"] };
  return ask(updateTrigger(deps), create(UpdateTriggerRequestSchema, { trigger, updateMask }));
};
const deletion = (deps: Deps) => ask(deleteTrigger(deps), create(DeleteTriggerRequestSchema, { name: NAME }));

/** A client that takes 404 and 409 for the answer it missed when the server died. */
async function ask(rpc: Rpc, request: unknown): Promise<void> {
  await (rpc.handle(request as never, CALL) as Promise<unknown>).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
  });
}

const scenario = (request: (deps: Deps) => Promise<void>, before?: (deps: Deps) => Promise<void>) =>
  ({
    makeWorld,
    async setUp(process) {
      await process.store.migrate("operations", operationMigrations);
      await process.store.migrate("iam", policyMigrations);
      await process.store.migrate("eventarc", migrations);
      const deps = depsOf(process);
      await before?.(deps);
      assert.deepEqual(await reconcileTrigger(deps)(NAME, CALL.signal), { settled: true });
    },
    request: (process) => request(depsOf(process)),
    run: (process) => ({ [TRIGGER_KIND]: reconcileTrigger(depsOf(process)) }),
    observe,
  }) satisfies CrashScenario<World>;

async function observe(process: Process<World>): Promise<unknown> {
  const deps = depsOf(process);
  const stored = await readTrigger(deps, NAME);
  const all = await deps.operations.list({ parent: PARENT, limit: 10 });
  const trigger = stored && (toJson(TriggerSchema, triggerOf(stored)) as Record<string, unknown>);
  const { refusal: _, ...rest } = process.world;
  return structuredClone({
    trigger: trigger && [trigger["eventFilters"], trigger["transport"]],
    work: stored?.work,
    operations: all.map(({ operation }) => [operation.done, operation.result.case]),
    rest,
  });
}

const refusing = ({ setUp, ...rest }: CrashScenario<World>, refusal: World["refusal"]): CrashScenario<World> => ({
  ...rest,
  async setUp(process) {
    await setUp(process);
    process.world.refusal = refusal;
  },
});

test("a trigger is made with transport and source, and removed with them, wherever the process dies", async () => {
  const made = await crashEverywhere(scenario(creation(objects("old"))));
  for (const edge of ["publisher.createTopic", "subscriber.createSubscription", "storage POST"])
    assert.ok(made.includes(`after ${edge}`), `${edge} is not among ${made.join(", ")}`);
  const removed = await crashEverywhere({
    ...scenario(deletion, creation(objects("old"))),
    async observe(process) {
      const { topics, subscriptions, notifications } = process.world;
      assert.deepEqual([topics.size, subscriptions.size, notifications.length], [0, 0, 0]);
      return observe(process);
    },
  });
  for (const edge of ["publisher.deleteTopic", "subscriber.deleteSubscription", "storage DELETE"])
    assert.ok(removed.includes(`after ${edge}`), `${edge} is not among ${removed.join(", ")}`);
});

test("a trigger of audit log entries has one sink wherever the process dies", async () => {
  const made = await crashEverywhere(scenario(creation(entries)));
  assert.ok(made.includes("after config.createSink"));
  const removed = await crashEverywhere(scenario(deletion, creation(entries)));
  assert.ok(removed.includes("after config.deleteSink"));
});

test("other filters move the source wherever the process dies", async () => {
  await crashEverywhere({
    ...scenario(update, creation(objects("old"))),
    async observe(process) {
      assert.deepEqual(
        process.world.notifications.map(({ bucket }) => bucket),
        ["new"],
      );
      return observe(process);
    },
  });
});

test("what is refused late leaves nothing behind, or what was there before, wherever the process dies", async () => {
  const refusal = failedPrecondition("no");
  await crashEverywhere({
    ...refusing(scenario(creation(objects("old"))), refusal),
    async observe(process) {
      const { topics, subscriptions, notifications } = process.world;
      assert.deepEqual([topics.size, subscriptions.size, notifications.length], [0, 0, 0]);
      return observe(process);
    },
  });
  await crashEverywhere({
    ...refusing(scenario(update, creation(objects("old"))), refusal),
    async observe(process) {
      assert.deepEqual(
        process.world.notifications.map(({ bucket }) => bucket),
        ["old"],
      );
      return observe(process);
    },
  });
});
