import { type WorkerPool, WorkerPoolSchema } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { assertSupportedFields } from "../validate/supported-fields.ts";

/** Fields that homerun does not act on in worker pools. */
const UNSUPPORTED = {
  WorkerPool: ["binary_authorization"],
  WorkerPoolRevisionTemplate: [
    "encryption_key",
    "encryption_key_revocation_action",
    "encryption_key_shutdown_duration",
    "service_mesh",
    "node_selector",
    "gpu_zonal_redundancy_disabled",
  ],
  // What has to do with requests, which never come, or with base images.
  Container: ["source_code", "base_image_uri", "ports", "readiness_probe"],
};
/** Fields of WorkerPoolScaling in previews that Google's published proto does not have, by number. */
const PREVIEW_SCALING: Readonly<Record<number, string>> = {
  1: "min_instance_count",
  2: "max_instance_count",
  3: "max_surge",
  4: "max_unavailable",
  5: "scaling_mode",
};
const SCALING_MODE = 5;
/** WorkerPoolScaling.ScalingMode.MANUAL, which is the only one here. */
const MANUAL = 2;

/** Refuses a worker pool that sets a field which homerun does not act on, by its name in the request. */
export function assertSupportedWorkerPool(pool: WorkerPool): void {
  assertSupportedFields(WorkerPoolSchema, pool, "worker_pool", UNSUPPORTED);
  for (const { no, data } of pool.scaling?.$unknown ?? []) {
    const name = PREVIEW_SCALING[no];
    const value = data.length === 1 ? data[0] : undefined;
    const isDefault = value === 0 || (no === SCALING_MODE && value === MANUAL);
    if (name !== undefined && !isDefault) throw unsupportedField(`worker_pool.scaling.${name}`);
  }
}
