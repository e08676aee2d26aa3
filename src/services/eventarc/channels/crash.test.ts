import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { crashEverywhere, type CrashScenario } from "../../../../tests/recovery/crash-everywhere.ts";
import {
  CreateChannelRequestSchema,
  DeleteChannelRequestSchema,
} from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { CHANNEL_KIND, type Deps } from "../deps.ts";
import { ask, CALL, depsOf, migrate, PARENT } from "../testing/processes.ts";
import { makeWorld, type World } from "../testing/world.ts";
import { createChannel } from "../v1/createChannel.ts";
import { deleteChannel } from "../v1/deleteChannel.ts";
import { readChannel } from "./find.ts";
import { reconcileChannel } from "./reconcile.ts";

const NAME = `${PARENT}/channels/orders`;

const creation = (deps: Deps) =>
  ask(createChannel(deps), create(CreateChannelRequestSchema, { parent: PARENT, channelId: "orders", channel: {} }));
const deletion = (deps: Deps) => ask(deleteChannel(deps), create(DeleteChannelRequestSchema, { name: NAME }));

const scenario = (
  request: (deps: Deps) => Promise<void>,
  before?: (deps: Deps) => Promise<void>,
): CrashScenario<World> => ({
  makeWorld,
  async setUp(process) {
    await migrate(process);
    const deps = depsOf(process);
    await before?.(deps);
    assert.deepEqual(await reconcileChannel(deps)(NAME, CALL.signal), { settled: true });
  },
  request: (process) => request(depsOf(process)),
  run: (process) => ({ [CHANNEL_KIND]: reconcileChannel(depsOf(process)) }),
  async observe(process) {
    const deps = depsOf(process);
    const stored = await readChannel(deps, NAME);
    const all = await deps.operations.list({ parent: PARENT, limit: 10 });
    return {
      channel: stored && [stored.state, stored.topic, stored.work],
      topics: [...process.world.topics.keys()],
      operations: all.map(({ operation }) => [operation.done, operation.result.case]),
    };
  },
});

test("a channel comes with its topic and goes with it wherever the process dies", async () => {
  const made = await crashEverywhere(scenario(creation));
  assert.ok(made.includes("after publisher.createTopic"));
  const removed = await crashEverywhere(scenario(deletion, creation));
  assert.ok(removed.includes("after publisher.deleteTopic"));
});
