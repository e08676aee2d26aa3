import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ListRuntimesResponse_RuntimeStage as Stage } from "../../gen/google/cloud/functions/v2/functions_pb.js";
import { packageIdOf, serviceIdOf } from "./function-name.ts";
import { defaultCpuOf, parseMemory } from "./memory.ts";
import { findRuntime, stageOf } from "./runtimes.ts";

const packageOf = (id: string) => packageIdOf({ project: "my-project", location: "us-central1", id });

describe("packageIdOf", () => {
  test("doubles dashes and underscores and writes capitals as Google does", () => {
    assert.equal(packageOf("hello"), "my--project__us--central1__hello");
    assert.equal(packageOf("my-fn_x"), "my--project__us--central1__my--fn__x");
    assert.equal(packageOf("helloWorld"), "my--project__us--central1__hello_world");
    assert.equal(packageOf("Hello"), "my--project__us--central1__h-hello");
  });

  test("gives a valid and unique name where Google's encoding gives none", () => {
    const names = ["a_B", "a_-b", "a__b", "a-B"].map(packageOf);
    for (const name of names) assert.match(name, /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/);
    assert.equal(new Set(names).size, names.length);
  });
});

test("a function's service has the id in lower case with dashes", () => {
  assert.equal(serviceIdOf({ id: "My_Fn-1" }), "my-fn-1");
});

describe("memory", () => {
  test("reads Kubernetes quantities", () => {
    assert.equal(parseMemory("256M"), 256_000_000);
    assert.equal(parseMemory("1Gi"), 1024 ** 3);
    assert.equal(parseMemory("1024"), 1024);
    assert.equal(parseMemory("1GB"), undefined);
    assert.equal(parseMemory(""), undefined);
  });

  for (const [memory, cpu] of [
    ["128M", "0.0833"],
    ["256M", "0.1666"],
    ["512Mi", "0.3333"],
    ["1Gi", "0.5833"],
    ["2Gi", "1"],
    ["4Gi", "2"],
    ["8Gi", "2"],
    ["16Gi", "4"],
    ["32Gi", "8"],
  ] as const)
    test(`${memory} come with ${cpu} CPU`, () => assert.equal(defaultCpuOf(parseMemory(memory)!), cpu));
});

test("a runtime is GA until its deprecation date", () => {
  const runtime = findRuntime("nodejs22")!;
  assert.equal(stageOf(runtime, Date.parse("2027-04-29")), Stage.GA);
  assert.equal(stageOf(runtime, Date.parse("2027-04-30")), Stage.DEPRECATED);
});
