import { clone, create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  PrivatePoolV1ConfigSchema,
  PrivatePoolV1Config_NetworkConfig_EgressOption as EgressOption,
  type WorkerPool,
  WorkerPool_State as State,
  WorkerPoolSchema,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import { etagOf } from "../../../wire/etag.ts";
import { DEFAULT_DISK_GB } from "../limits.ts";

/** Default of WorkerConfig (cloud.google.com/build/docs/private-pools/worker-pool-config-file-schema). */
const DEFAULT_MACHINE_TYPE = "e2-standard-2";

/** A pool as it is kept: what the client sent, with Cloud Build's defaults. */
export function completePool(request: WorkerPool): WorkerPool {
  const pool = clone(WorkerPoolSchema, request);
  const config = pool.config.value ?? create(PrivatePoolV1ConfigSchema);
  pool.config = { case: "privatePoolV1Config", value: config };
  const machineType = config.workerConfig?.machineType || DEFAULT_MACHINE_TYPE;
  const diskSizeGb = config.workerConfig?.diskSizeGb || BigInt(DEFAULT_DISK_GB);
  config.workerConfig = {
    ...create(PrivatePoolV1ConfigSchema, { workerConfig: {} }).workerConfig!,
    machineType,
    diskSizeGb,
  };
  if (config.networkConfig) config.networkConfig.egressOption ||= EgressOption.PUBLIC_EGRESS;
  return pool;
}

/** The row of a pool that was just made. */
export function newPoolRow(name: string, pool: WorkerPool, uid: string, nowMs: number): ResourceRow {
  const parent = name.slice(0, name.lastIndexOf("/workerPools/"));
  const message = toJsonString(WorkerPoolSchema, pool);
  const times = { createTimeMs: nowMs, updateTimeMs: nowMs };
  return { name, parent, uid, generation: 1, version: 1, message, unfinished: false, ...times };
}

/** The row with another configuration. */
export function rowWithPool(row: ResourceRow, pool: WorkerPool, nowMs: number): ResourceRow {
  const message = toJsonString(WorkerPoolSchema, pool);
  return { ...row, message, generation: row.generation + 1, updateTimeMs: nowMs };
}

/** The pool of a row, with everything that Cloud Build says of it. There is no machine to start, so it runs at once. */
export function poolOf(row: ResourceRow): WorkerPool {
  const pool = fromJsonString(WorkerPoolSchema, row.message);
  return Object.assign(pool, {
    name: row.name,
    uid: row.uid,
    state: State.RUNNING,
    createTime: timestampFromMs(row.createTimeMs),
    updateTime: timestampFromMs(row.updateTimeMs),
    etag: etagOf(row.uid, row.version),
  });
}
