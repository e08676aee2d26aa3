import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Queue } from "../../../gen/google/cloud/tasks/v2/queue_pb.js";
import { retryIntervalMs } from "../../../wire/targets/retry-interval.ts";
import { DEFAULTS } from "../limits.ts";
import type { TaskProgress } from "../tasks/store.ts";

/**
 * When a task whose attempt has failed is due again; undefined when it has had all its attempts: the number of them and the time
 * are used up, as far as they are limited. `retryAfterMs` is what the target asked for. Google: tasks/v2/queue.proto, RetryConfig.
 */
export function retryTimeMs(
  { retryConfig }: Pick<Queue, "retryConfig">,
  { dispatchCount, firstDispatchMs }: TaskProgress,
  nowMs: number,
  retryAfterMs = 0,
): number | undefined {
  const maxAttempts = retryConfig?.maxAttempts ?? DEFAULTS.maxAttempts;
  const maxRetryMs = retryConfig?.maxRetryDuration ? durationMs(retryConfig.maxRetryDuration) : 0;
  const attemptsLeft = maxAttempts > 0 ? dispatchCount < maxAttempts : undefined;
  const timeLeft = maxRetryMs > 0 ? nowMs - (firstDispatchMs ?? nowMs) < maxRetryMs : undefined;
  if (attemptsLeft !== undefined || timeLeft !== undefined) {
    if (attemptsLeft !== true && timeLeft !== true) return undefined;
  }
  const backoff = {
    minMs: retryConfig?.minBackoff ? durationMs(retryConfig.minBackoff) : DEFAULTS.minBackoffMs,
    maxMs: retryConfig?.maxBackoff ? durationMs(retryConfig.maxBackoff) : DEFAULTS.maxBackoffMs,
    maxDoublings: retryConfig?.maxDoublings ?? DEFAULTS.maxDoublings,
  };
  return nowMs + Math.max(retryIntervalMs(backoff, Math.max(dispatchCount, 1)), retryAfterMs);
}
