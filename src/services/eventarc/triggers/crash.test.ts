import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toJson } from "@bufbuild/protobuf";
import { crashEverywhere, type CrashScenario } from "../../../../tests/recovery/crash-everywhere.ts";
import type { Process } from "../../../../tests/recovery/mortal-process.ts";
import {
  CreateTriggerRequestSchema,
  DeleteTriggerRequestSchema,
  UpdateTriggerRequestSchema,
} from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { TriggerSchema } from "../../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import { failedPrecondition } from "../../../wire/errors.ts";
import { ask, CALL, depsOf, migrate, PARENT } from "../testing/processes.ts";
import { makeWorld, type World } from "../testing/world.ts";
import { type Deps, TRIGGER_KIND } from "../deps.ts";
import { createTrigger } from "../v1/createTrigger.ts";
import { deleteTrigger } from "../v1/deleteTrigger.ts";
import { updateTrigger } from "../v1/updateTrigger.ts";
import { reconcileTrigger } from "./reconcile.ts";
import { readTrigger } from "./save.ts";
import { triggerOf } from "./stored-trigger.ts";

const NAME = `${PARENT}/triggers/things`;

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

const scenario = (request: (deps: Deps) => Promise<void>, before?: (deps: Deps) => Promise<void>) =>
  ({
    makeWorld,
    async setUp(process) {
      await migrate(process);
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
