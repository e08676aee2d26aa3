import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { type Deps, PURGE_KIND } from "../deps.ts";
import { changeQueue } from "../queues/find-queue.ts";
import { purged, queueOf } from "../queues/queue.ts";
import { purgeKey } from "../reconcile.ts";

/** CloudTasks.PurgeQueue: none of the tasks created before is dispatched any more; attempts under way go on. */
export const purgeQueue = (deps: Deps) =>
  rpc(
    CloudTasks.method.purgeQueue,
    { permission: "cloudtasks.queues.purge", audit: "ADMIN_WRITE" },
    async ({ name }) => {
      const row = await changeQueue(deps, name, async (state, { uid }, transaction) => {
        const born = deps.dispatcher.nextNumber();
        await deps.wakeups.wake(transaction, PURGE_KIND, purgeKey(uid, born));
        return purged(state, born, deps.clock.nowMs());
      });
      return queueOf(row);
    },
  );
