import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { crashEverywhere, type CrashScenario } from "../../../../tests/recovery/crash-everywhere.ts";
import {
  CreatePipelineRequestSchema,
  DeletePipelineRequestSchema,
  UpdatePipelineRequestSchema,
} from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { type Deps, PIPELINE_KIND } from "../deps.ts";
import { ask, CALL, depsOf, migrate, PARENT } from "../testing/processes.ts";
import { makeWorld, type World } from "../testing/world.ts";
import { pipelineRpcs } from "../v1/pipelines.ts";
import { pipelineKind } from "./kinds.ts";
import { reconcilePipeline } from "./reconcile.ts";
import { fromRow } from "./stored-resource.ts";

const NAME = `${PARENT}/pipelines/orders`;
const HTTP = { destinationDescriptor: { case: "httpEndpoint", value: { uri: "http://127.0.0.1/" } } } as const;
const TOPIC = { destinationDescriptor: { case: "topic", value: "projects/demo/topics/t" } } as const;

const call = (deps: Deps, name: string, request: unknown) =>
  ask(
    pipelineRpcs(deps).find(({ method }) => method.localName === name)!,
    request,
  );
const creation = (deps: Deps) => {
  const pipeline = { destinations: [HTTP] };
  const request = create(CreatePipelineRequestSchema, { parent: PARENT, pipelineId: "orders", pipeline });
  return call(deps, "createPipeline", request);
};
const update = (deps: Deps) => {
  const request = { pipeline: { name: NAME, destinations: [TOPIC] }, updateMask: { paths: ["destinations"] } };
  return call(deps, "updatePipeline", create(UpdatePipelineRequestSchema, request));
};
const deletion = (deps: Deps) => call(deps, "deletePipeline", create(DeletePipelineRequestSchema, { name: NAME }));

const scenario = (
  request: (deps: Deps) => Promise<void>,
  before?: (deps: Deps) => Promise<void>,
): CrashScenario<World> => ({
  makeWorld,
  async setUp(process) {
    await migrate(process);
    const deps = depsOf(process);
    await before?.(deps);
    assert.deepEqual(await reconcilePipeline(deps)(NAME, CALL.signal), { settled: true });
  },
  request: (process) => request(depsOf(process)),
  run: (process) => ({ [PIPELINE_KIND]: reconcilePipeline(depsOf(process)) }),
  async observe(process) {
    const deps = depsOf(process);
    const row = await deps.pipelines.get(NAME);
    const stored = row && fromRow(pipelineKind, row);
    const all = await deps.operations.list({ parent: PARENT, limit: 10 });
    const { topics, subscriptions } = process.world;
    return {
      pipeline: stored && [stored.work, stored.resource.destinations[0]?.destinationDescriptor.case],
      world: [...topics.keys(), ...subscriptions.keys()],
      operations: all.map(({ operation }) => [operation.done, operation.result.case]),
    };
  },
});

test("a pipeline has its transport while it needs one, wherever the process dies", async () => {
  const made = await crashEverywhere(scenario(creation));
  assert.ok(made.includes("after subscriber.createSubscription"));
  const changed = await crashEverywhere(scenario(update, creation));
  assert.ok(changed.includes("after publisher.deleteTopic"));
  const removed = await crashEverywhere(scenario(deletion, creation));
  assert.ok(removed.includes("after subscriber.deleteSubscription"));
});
