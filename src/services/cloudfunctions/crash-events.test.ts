import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { crashEverywhere } from "../../../tests/recovery/crash-everywhere.ts";
import {
  ask,
  deleteRequest,
  depsOf,
  detachRequest,
  finish,
  NAME,
  observe,
  PARENT,
  scenario,
  wanted,
} from "../../../tests/support/functions-crash.ts";
import {
  CreateFunctionRequestSchema,
  UpdateFunctionRequestSchema,
} from "../../gen/google/cloud/functions/v2/functions_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../wire/errors.ts";
import type { Deps } from "./deps.ts";
import { createFunction } from "./v2/createFunction.ts";
import { deleteFunction } from "./v2/deleteFunction.ts";
import { detachFunction } from "./v2/detachFunction.ts";
import { updateFunction } from "./v2/updateFunction.ts";

const MESSAGES = "google.cloud.pubsub.topic.v1.messagePublished";
const TOPIC = "projects/demo/topics/orders";
const onMessages = { ...wanted, eventTrigger: { eventType: MESSAGES, pubsubTopic: TOPIC } };
const onUploads = {
  ...wanted,
  eventTrigger: {
    eventType: "google.cloud.storage.object.v1.finalized",
    eventFilters: [{ attribute: "bucket", value: "photos" }],
  },
};
const eventRequest = create(CreateFunctionRequestSchema, { parent: PARENT, functionId: "hello", function: onMessages });
const otherEvents = create(UpdateFunctionRequestSchema, {
  function: onUploads,
  updateMask: { paths: ["event_trigger"] },
});
const noEvents = create(UpdateFunctionRequestSchema, { function: wanted, updateMask: { paths: ["event_trigger"] } });
const createEventFunction = (deps: Deps) => finish(deps, eventRequest);

test("an event function comes with its topic and one trigger wherever the process dies, and goes with it", async () => {
  const created = await crashEverywhere(scenario((deps) => ask(createFunction(deps), eventRequest)));
  for (const edge of ["publisher.createTopic", "eventarc.createTrigger"])
    assert.ok(created.includes(`after ${edge}`), edge);
  const deleted = await crashEverywhere(
    scenario((deps) => ask(deleteFunction(deps), deleteRequest), createEventFunction),
  );
  assert.ok(deleted.includes("after eventarc.deleteTrigger"));
  const detached = await crashEverywhere(
    scenario((deps) => ask(detachFunction(deps), detachRequest), createEventFunction),
  );
  assert.ok(detached.includes("after eventarc.updateTrigger"));
});

test("other events, or none, take the place of the trigger wherever the process dies", async () => {
  for (const request of [otherEvents, noEvents]) {
    const boundaries = await crashEverywhere(
      scenario((deps) => ask(updateFunction(deps), request), createEventFunction),
    );
    assert.ok(boundaries.includes("after eventarc.deleteTrigger"));
  }
});

test("a refused trigger brings the version before back wherever the process dies", async () => {
  const update = scenario((deps) => ask(updateFunction(deps), otherEvents), createEventFunction);
  const boundaries = await crashEverywhere({
    ...update,
    async setUp(process) {
      await update.setUp(process);
      process.world.refusal = new ApiError(Code.FAILED_PRECONDITION, "no such bucket");
    },
    async observe(process) {
      const { functions } = depsOf(process);
      const { function: fn } = (await functions.get(NAME))!;
      assert.equal(fn.eventTrigger?.eventType, MESSAGES);
      assert.match(fn.stateMessages[0]!.message, /^Creating trigger failed for .*: no such bucket$/);
      return observe(process);
    },
  });
  assert.ok(boundaries.includes("after services.updateService"));
});
