import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { crashEverywhere, type CrashScenario } from "../../../../tests/recovery/crash-everywhere.ts";
import type { Process } from "../../../../tests/recovery/mortal-process.ts";
import {
  BuildTriggerSchema,
  CreateBuildTriggerRequestSchema,
  DeleteBuildTriggerRequestSchema,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { DuplicateResourceError } from "../../../platform/store/resource-table.ts";
import type { Call } from "../../../wire/call.ts";
import { alreadyExists, ApiError, notFound } from "../../../wire/errors.ts";
import { createProjects, projectMigrations } from "../../../wire/projects/projects.ts";
import type { Rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { createBuildTrigger } from "../v1/createBuildTrigger.ts";
import { deleteBuildTrigger } from "../v1/deleteBuildTrigger.ts";
import { reconcileSubscription, SUBSCRIPTION_KIND } from "./reconcile-subscription.ts";
import { createTriggerTable, triggerMigrations } from "./store.ts";
import { createTriggerSubscriptions, triggerSubscriptionMigrations } from "./subscriptions.ts";
import { newTrigger, newTriggerRow } from "./trigger.ts";

const PARENT = "projects/demo/locations/global";
const CALL = { principal: { kind: "owner" } } as unknown as Call;

/** Pub/Sub's subscriptions: name and endpoint. */
type World = Map<string, string>;

function depsOf(process: Process<World>): Deps {
  const { store, clock, world } = process;
  const subscriber = {
    async createSubscription({ name, pushConfig }: Subscription) {
      if (world.has(name)) throw alreadyExists(name);
      world.set(name, pushConfig!.pushEndpoint);
    },
    async getSubscription({ subscription: name }: { subscription: string }) {
      if (!world.has(name)) throw notFound(name);
      return { name, topic: "projects/demo/topics/topic", pushConfig: { pushEndpoint: world.get(name) } };
    },
    async deleteSubscription({ subscription: name }: { subscription: string }) {
      if (!world.delete(name)) throw notFound(name);
    },
  };
  return {
    ...process,
    clients: { of: () => process.edges("pubsub", subscriber) },
    projects: createProjects(store, clock),
    triggers: createTriggerTable(store),
    triggerSubscriptions: createTriggerSubscriptions(store),
  } as unknown as Deps;
}

function trigger(name: string) {
  return create(BuildTriggerSchema, {
    name,
    pubsubConfig: { topic: "projects/demo/topics/topic" },
    buildTemplate: { case: "build", value: { steps: [{ name: "gcr.io/k8s-skaffold/pack", args: ["build", "a"] }] } },
  });
}

/** Asks for what may have been done before the answer was lost. */
async function ask(rpc: Rpc, request: object): Promise<void> {
  try {
    await rpc.handle(request as never, CALL);
  } catch (error) {
    if (!(error instanceof ApiError) && !(error instanceof DuplicateResourceError)) throw error;
  }
}

const scenario: CrashScenario<World> = {
  makeWorld: () => new Map(),
  async setUp(process) {
    const { store, clock } = process;
    await store.migrate("projects", projectMigrations);
    await store.migrate("triggers", [...triggerMigrations, ...triggerSubscriptionMigrations]);
    const deps = depsOf(process);
    const old = newTrigger(trigger("old"), { project: "demo", location: "global" }, "old-id", clock.nowMs());
    const row = newTriggerRow(old, clock.nowMs());
    await store.transact(async (transaction) => {
      await deps.triggers.insert(transaction, row);
      await deps.triggers.rename(transaction, row.parent, "old", row.name);
    });
    await reconcileSubscription(deps)(row.name, new AbortController().signal);
  },
  async request(process) {
    const deps = depsOf(process);
    await ask(
      createBuildTrigger(deps),
      create(CreateBuildTriggerRequestSchema, { parent: PARENT, trigger: trigger("new") }),
    );
    await ask(deleteBuildTrigger(deps), create(DeleteBuildTriggerRequestSchema, { name: `${PARENT}/triggers/old` }));
  },
  run: (process) => ({ [SUBSCRIPTION_KIND]: reconcileSubscription(depsOf(process)) }),
  async observe(process) {
    const { triggers, triggerSubscriptions } = depsOf(process);
    const [row, ...others] = await triggers.list({ parent: PARENT, limit: 10 });
    assert.deepEqual(others, []);
    const noted = await triggerSubscriptions.get(row!.name);
    const endpoint = process.world.get("projects/demo/subscriptions/gcb-new");
    assert.ok(endpoint?.endsWith(`:webhook?secret=${noted!.secret}`));
    return [...process.world.keys()];
  },
};

test("a Pub/Sub trigger has its subscription, and a deleted one has none, wherever the process dies", async () => {
  const boundaries = await crashEverywhere(scenario);
  for (const expected of ["after pubsub.createSubscription", "before pubsub.deleteSubscription"]) {
    assert.ok(boundaries.includes(expected), `${expected} is not among ${boundaries.join(", ")}`);
  }
});
