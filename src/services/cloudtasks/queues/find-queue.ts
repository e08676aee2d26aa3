import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Deps } from "../deps.ts";
import { queueNotFound } from "../errors.ts";
import { parseQueueName } from "../names.ts";
import { changedQueueRow, type QueueState, queueStateOf } from "./queue.ts";

/** The row of a queue; rejects what is no name of one, and with NOT_FOUND. */
export async function findQueue(
  { queues }: Pick<Deps, "queues">,
  name: string,
  transaction?: StoreTransaction,
): Promise<ResourceRow> {
  parseQueueName(name);
  const row = await queues.get(name, transaction);
  if (!row) throw queueNotFound(name);
  return row;
}

/** Changes a queue, and what its dispatching goes by once that is on disk. Answers the new row. */
export function changeQueue(
  deps: Deps,
  name: string,
  change: (state: QueueState, row: ResourceRow, transaction: StoreTransaction) => QueueState | Promise<QueueState>,
): Promise<ResourceRow> {
  return deps.store.transact(async (transaction) => {
    const row = await findQueue(deps, name, transaction);
    const state = await change(queueStateOf(row), row, transaction);
    const changed = await deps.queues.update(transaction, changedQueueRow(row, state, deps.clock.nowMs()));
    transaction.afterCommit(() => deps.dispatcher.setQueue(changed));
    return changed;
  });
}
