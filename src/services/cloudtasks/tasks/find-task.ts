import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Deps } from "../deps.ts";
import { taskGone, taskNotFound } from "../errors.ts";
import { parseTaskName } from "../names.ts";
import { findQueue } from "../queues/find-queue.ts";
import { queueStateOf } from "../queues/queue.ts";
import { isOver } from "./is-over.ts";
import type { TaskRow } from "./store.ts";
import { tombstoneOf } from "./tombstone.ts";

/** A task and its queue. */
export interface FoundTask {
  readonly queue: ResourceRow;
  readonly row: TaskRow;
}

/** The task of a name; rejects what is no name of one, and with NOT_FOUND. */
export async function findTask(deps: Deps, name: string, transaction?: StoreTransaction): Promise<FoundTask> {
  const { queue: queueName, id } = parseTaskName(name);
  const queue = await findQueue(deps, queueName, transaction);
  const row = await deps.tasks.get(queue.uid, id, transaction);
  const nowMs = deps.clock.nowMs();
  if (row && !isOver(row, queueStateOf(queue), nowMs)) return { queue, row };
  const isRemembered = row !== undefined || (await deps.tombstones.has(tombstoneOf(queue.uid, id), nowMs, transaction));
  throw isRemembered ? taskGone(name) : taskNotFound(name);
}
