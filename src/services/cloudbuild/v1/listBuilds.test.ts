import assert from "node:assert/strict";
import { test } from "node:test";
import { bootBuildCalls, buildIn, type Json, messageOf } from "../../../../tests/support/build-calls.ts";

const PARENT = "projects/demo/locations/us-central1";
const IMAGE = "us-central1-docker.pkg.dev/demo/r/a";
const steps = [{ name: "gcr.io/k8s-skaffold/pack", args: ["build", IMAGE] }];

test("builds are found by id, status, tags, images, source, substitutions and time", async () => {
  await using booted = await bootBuildCalls();
  const { built, call } = booted;
  const create = async (more: Json) => {
    const operation = await call("POST", `${PARENT}/builds`, { steps, images: [IMAGE], ...more });
    await built(operation);
    return buildIn(operation)["id"] as string;
  };
  const plain = await create({ tags: ["a", "x"] });
  const labelled = await create({
    tags: ["b"],
    substitutions: { _ENV: "prod" },
    options: { automapSubstitutions: true },
  });
  const failed = await create({ source: { storageSource: { bucket: "absent", object: "o.zip" } } });
  const find = async (filter: string) => {
    const { builds = [] } = await call("GET", `${PARENT}/builds?filter=${encodeURIComponent(filter)}`);
    return (builds as { id: string }[]).map(({ id }) => id);
  };
  assert.deepEqual(await find(""), [failed, labelled, plain]);
  assert.deepEqual(await find(`build_id="${plain}" OR id=${failed}`), [failed, plain]);
  assert.deepEqual(await find('status="SUCCESS" -tags:b'), [plain]);
  assert.deepEqual(await find('status!="SUCCESS"'), [failed]);
  assert.deepEqual(await find('source.storage_source.bucket="absent"'), [failed]);
  assert.deepEqual(await find(`images="${IMAGE}" AND substitutions._ENV=prod`), [labelled]);
  assert.deepEqual(await find('results.images.name="us-central1-docker.pkg.dev/*"'), [labelled, plain]);
  assert.deepEqual(await find('create_time>"2020-01-01T00:00:00Z" tags=x'), [plain]);
  assert.deepEqual(await find('create_time<"2020-01-01T00:00:00Z"'), []);
  const unknown = await call("GET", `${PARENT}/builds?filter=nothing%3D1`, undefined, 400);
  assert.equal(messageOf(unknown), "Invalid filter: unknown field 'nothing'.");
  await call("GET", `${PARENT}/builds?pageSize=-1`, undefined, 400);
});
