import assert from "node:assert/strict";
import { test } from "node:test";
import { crashEverywhere } from "../../../tests/recovery/crash-everywhere.ts";
import {
  ask,
  createAndFinish,
  createRequest,
  deleteRequest,
  detachRequest,
  scenario,
  updateRequest,
} from "../../../tests/support/functions-crash.ts";
import { makeWorld } from "../../../tests/support/functions-world.ts";
import { createFunction } from "./v2/createFunction.ts";
import { deleteFunction } from "./v2/deleteFunction.ts";
import { detachFunction } from "./v2/detachFunction.ts";
import { updateFunction } from "./v2/updateFunction.ts";

test("creating a function ends the same wherever the process dies, with one build", async () => {
  const boundaries = await crashEverywhere(scenario((deps) => ask(createFunction(deps), createRequest)));
  for (const edge of ["cloudBuild.createBuild", "services.createService", "artifactRegistry.createRepository"])
    assert.ok(boundaries.includes(`after ${edge}`), edge);
});

test("updating and deleting end the same wherever the process dies", async () => {
  await crashEverywhere(scenario((deps) => ask(updateFunction(deps), updateRequest), createAndFinish));
  const boundaries = await crashEverywhere(
    scenario((deps) => ask(deleteFunction(deps), deleteRequest), createAndFinish),
  );
  assert.ok(boundaries.includes("after services.deleteService"));
});

test("detaching ends the same wherever the process dies, and leaves the service", async () => {
  const detach = scenario((deps) => ask(detachFunction(deps), detachRequest), createAndFinish);
  const boundaries = await crashEverywhere(detach);
  assert.ok(boundaries.includes("after services.updateService"));
});

test("a deployment that fails ends the same wherever the process dies", async () => {
  const failing = scenario((deps) => ask(createFunction(deps), createRequest));
  await crashEverywhere({ ...failing, makeWorld: () => ({ ...makeWorld(), failingBuilds: true }) });
});
