import { LIMITS } from "../limits.ts";
import type { QueueState } from "../queues/queue.ts";
import type { TaskRow } from "./store.ts";

/** Whether a task that is still kept was purged or has lived its 31 days. */
export function isOver(
  { born, createMs }: TaskRow,
  { purgedBorn }: Pick<QueueState, "purgedBorn">,
  nowMs: number,
): boolean {
  return born <= purgedBorn || createMs + LIMITS.taskLifeMs <= nowMs;
}
