import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { FunctionSchema } from "../gen/google/cloud/functions/v2/functions_pb.js";
import { ApiError } from "./errors.ts";
import { applyFieldMask, populatedFields } from "./field-mask.ts";

const current = create(FunctionSchema, {
  description: "old",
  labels: { kept: "yes" },
  buildConfig: { runtime: "nodejs20", entryPoint: "old" },
  eventTrigger: { eventType: "some.event" },
});

function apply(patch: Parameters<typeof create<typeof FunctionSchema>>[1], ...paths: string[]) {
  return applyFieldMask(FunctionSchema, current, create(FunctionSchema, patch), create(FieldMaskSchema, { paths }));
}

describe("field masks", () => {
  test("take named fields only, by snake_case or camelCase path", () => {
    const patch = { description: "new", buildConfig: { runtime: "nodejs22", entryPoint: "new" } };
    const result = apply(patch, "build_config.runtime", "buildConfig.entryPoint");
    assert.equal(result.description, "old");
    assert.equal(result.buildConfig?.runtime, "nodejs22");
    assert.equal(result.buildConfig?.entryPoint, "new");
  });

  test("clear a named field that the patch lacks, and maps as a whole", () => {
    const result = apply({ labels: { fresh: "1" } }, "event_trigger", "labels");
    assert.equal(result.eventTrigger, undefined);
    assert.deepEqual(result.labels, { fresh: "1" });
  });

  test("leave the current message alone", () => {
    apply({ description: "new" }, "description");
    assert.equal(current.description, "old");
  });

  test("refuse a path that is no field, naming it", () => {
    assert.throws(
      () => apply({}, "build_config.colour"),
      (error: ApiError) => error instanceof ApiError && error.message.includes("build_config.colour"),
    );
  });

  test("an update without a mask means the populated fields", () => {
    assert.deepEqual(
      populatedFields(FunctionSchema, create(FunctionSchema, { description: "x", labels: { a: "b" } })).sort(),
      ["description", "labels"],
    );
  });
});
