import assert from "node:assert/strict";
import { test } from "node:test";
import { clone, create, fromBinary } from "@bufbuild/protobuf";
import { WorkerPoolScalingSchema } from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { type WorkerPool, WorkerPoolSchema } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { assertSupportedWorkerPool } from "./supported.ts";

const NAME = "projects/demo/locations/us-central1/workerPools/hello";

/** A worker pool as gcloud sends it: fields of previews by number, each with a small value. */
function poolWith(fields: Readonly<Record<number, number>>): WorkerPool {
  const bytes = Object.entries(fields).flatMap(([no, value]) => [Number(no) << 3, value]);
  const scaling = fromBinary(WorkerPoolScalingSchema, new Uint8Array(bytes));
  // An update without a mask copies what it is sent.
  return clone(WorkerPoolSchema, create(WorkerPoolSchema, { name: NAME, scaling }));
}

test("scaling of previews is refused by name, unless it says what is so anyway", () => {
  const refused = (fields: Readonly<Record<number, number>>, field: string) =>
    assert.throws(() => assertSupportedWorkerPool(poolWith(fields)), {
      message: `The field worker_pool.scaling.${field} is not supported by homerun.`,
    });
  refused({ 5: 1 }, "scaling_mode");
  refused({ 1: 2 }, "min_instance_count");
  refused({ 2: 9 }, "max_instance_count");
  refused({ 3: 50 }, "max_surge");
  refused({ 4: 50 }, "max_unavailable");
  assertSupportedWorkerPool(poolWith({ 3: 0, 5: 2, 6: 4 }));
});
