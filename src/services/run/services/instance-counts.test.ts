import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { RevisionSchema } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { ServiceSchema } from "../../../gen/google/cloud/run/v2/service_pb.js";
import {
  type RevisionScalingSchema,
  ServiceScaling_ScalingMode,
  type ServiceScalingSchema,
} from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { instanceCounts } from "./instance-counts.ts";

/** [minInstances, maxInstances] of revision "r" when the traffic is shared out like this. */
function counts(
  total: MessageInitShape<typeof ServiceScalingSchema>,
  own: MessageInitShape<typeof RevisionScalingSchema>,
  percents: Record<string, number>,
): [number, number] {
  const service = create(ServiceSchema, { scaling: total });
  const revision = create(RevisionSchema, { name: "projects/p/locations/l/services/s/revisions/r", scaling: own });
  const { minInstances, maxInstances } = instanceCounts(service, revision, new Map(Object.entries(percents)));
  return [minInstances, maxInstances];
}

test("the service's instance counts are divided by percent and bounded by the revision's own", () => {
  const total = { minInstanceCount: 4, maxInstanceCount: 10 };
  const own = { minInstanceCount: 1, maxInstanceCount: 6 };
  assert.deepEqual(counts(total, own, { r: 100 }), [4, 6]);
  assert.deepEqual(counts(total, own, { r: 25, other: 75 }), [1, 3]);
  assert.deepEqual(counts(total, own, { other: 100 }), [1, 6]);
  assert.deepEqual(counts({ minInstanceCount: 9 }, { maxInstanceCount: 6 }, { r: 100 }), [6, 6]);
});

const manual = (manualInstanceCount: number) => ({
  scalingMode: ServiceScaling_ScalingMode.MANUAL,
  manualInstanceCount,
});
const bounds = { minInstanceCount: 3, maxInstanceCount: 5 };

test("manual scaling ignores the revision's counts, and its parts add up", () => {
  assert.deepEqual(counts(manual(8), bounds, { r: 100 }), [8, 8]);
  assert.deepEqual(counts(manual(0), bounds, { r: 100 }), [0, 0]);
  assert.deepEqual(counts(manual(10), bounds, { a: 33, r: 33, b: 34 }), [3, 3]);
  assert.deepEqual(counts(manual(10), bounds, { a: 33, b: 33, r: 34 }), [4, 4]);
  assert.deepEqual(counts(manual(2), bounds, { a: 40, b: 35, r: 25 }), [0, 0]);
});

test("manual scaling of a revision that only a tag reaches: its own minimum, or one when it is asked", () => {
  assert.deepEqual(counts(manual(8), bounds, { other: 100 }), [3, 3]);
  assert.deepEqual(counts(manual(8), { maxInstanceCount: 5 }, { other: 100 }), [0, 1]);
});
