import type { Queue } from "../../../gen/google/cloud/tasks/v2/queue_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Deps } from "../deps.ts";
import { queueExistedRecently, queueExists } from "../errors.ts";
import { newQueueRow } from "./queue.ts";

/** Adds a valid queue; rejects a name that is taken, or was within seven days. */
export async function insertQueue(deps: Deps, transaction: StoreTransaction, queue: Queue): Promise<ResourceRow> {
  const nowMs = deps.clock.nowMs();
  if (await deps.queues.get(queue.name, transaction)) throw queueExists(queue.name);
  if (await deps.tombstones.has(queue.name, nowMs, transaction)) throw queueExistedRecently();
  const row = newQueueRow(queue, deps.ids.uuid(), nowMs);
  await deps.queues.insert(transaction, row);
  transaction.afterCommit(() => deps.dispatcher.setQueue(row));
  return row;
}
