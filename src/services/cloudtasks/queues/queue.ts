import { clone, create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Queue,
  QueueSchema,
  RateLimitsSchema,
  RetryConfigSchema,
} from "../../../gen/google/cloud/tasks/v2/queue_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import { DEFAULTS } from "../limits.ts";
import { parseQueueName } from "../names.ts";

const LEAST_BURST = 10;
/** Google's answers: 10 at 1 a second, 100 at 500 a second. */
const BURST_SECONDS = 0.2;

/** A queue, and what no client sees of it. */
export interface QueueState {
  /** With its name. */
  readonly queue: Queue;
  /** Tasks born up to here were purged. */
  readonly purgedBorn: number;
}

/** The row of a new queue. */
export function newQueueRow(queue: Queue, uid: string, nowMs: number): ResourceRow {
  const { parent } = parseQueueName(queue.name);
  const times = { createTimeMs: nowMs, updateTimeMs: nowMs };
  const message = stored({ queue, purgedBorn: 0 });
  return { name: queue.name, parent, uid, generation: 1, version: 1, message, unfinished: false, ...times };
}

/** The row with another content. */
export function changedQueueRow(row: ResourceRow, state: QueueState, nowMs: number): ResourceRow {
  return { ...row, generation: row.generation + 1, message: stored(state), updateTimeMs: nowMs };
}

/** What a row holds. */
export function queueStateOf({ name, message }: Pick<ResourceRow, "name" | "message">): QueueState {
  const { queue, purgedBorn } = JSON.parse(message) as { queue: JsonValue; purgedBorn: number };
  return { queue: { ...fromJson(QueueSchema, queue), name }, purgedBorn };
}

/** A queue as the API answers it. */
export function queueOf(row: ResourceRow): Queue {
  return queueStateOf(row).queue;
}

/** The queue with Google's defaults for what its user left out, and the burst size that follows from the rate. */
export function withDefaults(given: Queue): Queue {
  const queue = clone(QueueSchema, given);
  const rates = (queue.rateLimits ??= create(RateLimitsSchema));
  rates.maxDispatchesPerSecond ||= DEFAULTS.dispatchesPerSecond;
  rates.maxConcurrentDispatches ||= DEFAULTS.concurrentDispatches;
  rates.maxBurstSize = Math.max(LEAST_BURST, Math.ceil(rates.maxDispatchesPerSecond * BURST_SECONDS));
  const retry = (queue.retryConfig ??= create(RetryConfigSchema));
  retry.maxAttempts ||= DEFAULTS.maxAttempts;
  retry.minBackoff ??= durationFromMs(DEFAULTS.minBackoffMs);
  retry.maxBackoff ??= durationFromMs(DEFAULTS.maxBackoffMs);
  retry.maxDoublings ||= DEFAULTS.maxDoublings;
  return queue;
}

/** The state of a queue whose tasks up to `born` are purged. */
export function purged({ queue }: QueueState, born: number, nowMs: number): QueueState {
  return { queue: { ...queue, purgeTime: timestampFromMs(nowMs) }, purgedBorn: born };
}

function stored({ queue, purgedBorn }: QueueState): string {
  return JSON.stringify({ queue: toJson(QueueSchema, { ...queue, name: "" }), purgedBorn });
}
