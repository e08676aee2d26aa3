import { create } from "@bufbuild/protobuf";
import { WorkerPoolScalingSchema } from "../../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import type { WorkerPool } from "../../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { type AnnotationRules, byName, parseCount, serverWritten } from "../annotation-rules.ts";
import { CREATOR, LAST_MODIFIER, OPERATION_ID } from "../jobs/annotations.ts";
import { RESOURCE_ANNOTATIONS } from "../resource-annotations.ts";

const MODES = { manual: "manual" };

/** Worker pool annotations of v1 and the fields of run.v2.WorkerPool that they stand for. */
export const WORKER_POOL_ANNOTATIONS: AnnotationRules<WorkerPool> = {
  // gcloud reads the one of Knative, as for services.
  "serving.knative.dev/creator": serverWritten(({ creator }) => creator || undefined),
  "serving.knative.dev/lastModifier": serverWritten(({ lastModifier }) => lastModifier || undefined),
  [CREATOR]: serverWritten(),
  [LAST_MODIFIER]: serverWritten(),
  // Shown from the record, since no v2 field holds it.
  [OPERATION_ID]: serverWritten(),
  ...RESOURCE_ANNOTATIONS,
  "run.googleapis.com/description": {
    read: (value, pool) => void (pool.description = value),
    write: ({ description }) => description || undefined,
  },
  // Manual scaling is the only one.
  "run.googleapis.com/scalingMode": {
    read: (value, _pool, key) => void byName(MODES, value.toLowerCase(), key),
    write: () => MODES.manual,
  },
  "run.googleapis.com/manualInstanceCount": {
    read(value, pool, key) {
      pool.scaling ??= create(WorkerPoolScalingSchema);
      pool.scaling.manualInstanceCount = parseCount(value, key);
    },
    write: ({ scaling }) => scaling?.manualInstanceCount?.toString(),
  },
};

/** Worker pool annotations for settings that homerun does not act on. */
export const UNSUPPORTED_WORKER_POOL_ANNOTATIONS: ReadonlySet<string> = new Set([
  "run.googleapis.com/binary-authorization",
  "run.googleapis.com/binary-authorization-breakglass",
  "run.googleapis.com/max-surge",
  "run.googleapis.com/max-unavailable",
  "run.googleapis.com/maxScale",
  "run.googleapis.com/minScale",
  "run.googleapis.com/threat-detection",
]);

/** Template annotations that mean something for services only: they have to do with requests. */
export const SERVICE_TEMPLATE_ANNOTATIONS: readonly string[] = [
  "autoscaling.knative.dev/maxScale",
  "autoscaling.knative.dev/minScale",
  "run.googleapis.com/base-images",
  "run.googleapis.com/cpu-throttling",
  "run.googleapis.com/execution-environment",
  "run.googleapis.com/health-check-disabled",
  "run.googleapis.com/sessionAffinity",
];
