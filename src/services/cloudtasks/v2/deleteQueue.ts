import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { type Deps, PURGE_KIND } from "../deps.ts";
import { LIMITS } from "../limits.ts";
import { findQueue } from "../queues/find-queue.ts";
import { purgeKey } from "../reconcile.ts";

/** CloudTasks.DeleteQueue, with its tasks; its name cannot be used again for seven days. */
export const deleteQueue = (deps: Deps) =>
  rpc(CloudTasks.method.deleteQueue, { permission: "cloudtasks.queues.delete", audit: "ADMIN_WRITE" }, ({ name }) =>
    deps.store.transact(async (transaction) => {
      const { uid } = await findQueue(deps, name, transaction);
      await deps.queues.delete(transaction, name);
      await deps.policies.delete(transaction, name);
      await deps.tombstones.put(transaction, [name], deps.clock.nowMs() + LIMITS.queueTombstoneMs);
      await deps.wakeups.wake(transaction, PURGE_KIND, purgeKey(uid, Number.MAX_SAFE_INTEGER));
      transaction.afterCommit(() => deps.dispatcher.deleteQueue(uid));
      return {};
    }),
  );
