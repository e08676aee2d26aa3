import { clone, create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { LaunchStage } from "../../../gen/google/api/launch_stage_pb.js";
import {
  type InstanceSplit,
  InstanceSplitAllocationType,
  InstanceSplitSchema,
} from "../../../gen/google/cloud/run/v2/instance_split_pb.js";
import { WorkerPoolScalingSchema } from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { type WorkerPool, WorkerPoolSchema } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { conditionOf, RECONCILING } from "../conditions.ts";
import { revisionNameOf } from "../names.ts";
import type { Author } from "../services/service.ts";
import { DEFAULT_INSTANCE_COUNT } from "./limits.ts";
import { parseWorkerPoolName } from "./names.ts";
import { withTemplateDefaults } from "./template.ts";

/** A client's wish with every default filled in that shows when the worker pool is read back. */
export function withWorkerPoolDefaults(intent: WorkerPool): WorkerPool {
  const pool = clone(WorkerPoolSchema, intent);
  pool.launchStage ||= LaunchStage.GA;
  pool.scaling ??= create(WorkerPoolScalingSchema);
  pool.scaling.manualInstanceCount ??= DEFAULT_INSTANCE_COUNT;
  pool.instanceSplits = pool.instanceSplits.length === 0 ? [allToLatest()] : pool.instanceSplits.map(withType);
  if (pool.template) pool.template = withTemplateDefaults(pool.template, parseWorkerPoolName(pool.name));
  pool.etag = "";
  return pool;
}

/** A new worker pool, not yet reconciled, from a wish with defaults. */
export function newWorkerPool(wish: WorkerPool, uid: string, { email, nowMs }: Author): WorkerPool {
  const pool = withoutState(wish);
  Object.assign(pool, { uid, creator: email });
  pool.createTime = timestampFromMs(nowMs);
  return asChanged(pool, 1n, { email, nowMs });
}

/** The worker pool after a change of intent: the wish with what the server knows of it so far. */
export function changedWorkerPool(current: WorkerPool, wish: WorkerPool, author: Author): WorkerPool {
  const pool = withoutState(wish);
  const { uid, creator, observedGeneration, latestReadyRevision, latestCreatedRevision } = current;
  Object.assign(pool, { uid, creator, observedGeneration, latestReadyRevision, latestCreatedRevision });
  const { createTime, terminalCondition, conditions, instanceSplitStatuses } = clone(WorkerPoolSchema, current);
  Object.assign(pool, { conditions, instanceSplitStatuses });
  if (createTime) pool.createTime = createTime;
  if (terminalCondition) pool.terminalCondition = terminalCondition;
  return asChanged(pool, current.generation + 1n, author);
}

/** The worker pool once its deletion was asked for. */
export function deletedWorkerPool(current: WorkerPool, author: Author): WorkerPool {
  const pool = asChanged(clone(WorkerPoolSchema, current), current.generation + 1n, author);
  pool.deleteTime = timestampFromMs(author.nowMs);
  // What is deleted is not kept.
  pool.expireTime = timestampFromMs(author.nowMs);
  return pool;
}

/** Notes that `revision` (short name) is the one made of the worker pool's template. */
export function setLatestCreated(pool: WorkerPool, revision: string): void {
  pool.latestCreatedRevision = revisionNameOf(pool.name, revision);
}

/** What a client may say about a worker pool. */
function withoutState(given: WorkerPool): WorkerPool {
  const { name, description, labels, annotations, client, clientVersion, launchStage, instanceSplits } = given;
  const pool = create(WorkerPoolSchema, { name, description, labels, annotations, client, clientVersion, launchStage });
  pool.instanceSplits = instanceSplits;
  if (given.template) pool.template = given.template;
  if (given.scaling) pool.scaling = given.scaling;
  if (given.binaryAuthorization) pool.binaryAuthorization = given.binaryAuthorization;
  return clone(WorkerPoolSchema, pool);
}

function asChanged(pool: WorkerPool, generation: bigint, { email, nowMs }: Author): WorkerPool {
  Object.assign(pool, { generation, lastModifier: email, reconciling: true });
  pool.updateTime = timestampFromMs(nowMs);
  const before = pool.terminalCondition ? [pool.terminalCondition] : [];
  pool.terminalCondition = conditionOf("Ready", before, RECONCILING, nowMs);
  return pool;
}

function allToLatest(): InstanceSplit {
  return create(InstanceSplitSchema, { type: InstanceSplitAllocationType.LATEST, percent: 100 });
}

function withType(split: InstanceSplit): InstanceSplit {
  if (split.type !== InstanceSplitAllocationType.UNSPECIFIED) return split;
  const type = split.revision === "" ? InstanceSplitAllocationType.LATEST : InstanceSplitAllocationType.REVISION;
  return { ...split, type };
}
