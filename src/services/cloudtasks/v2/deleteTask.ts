import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { LIMITS } from "../limits.ts";
import { findTask } from "../tasks/find-task.ts";
import { tombstoneOf } from "../tasks/tombstone.ts";

/** CloudTasks.DeleteTask; an attempt under way goes on, and no other follows. */
export const deleteTask = (deps: Deps) =>
  rpc(CloudTasks.method.deleteTask, { permission: "cloudtasks.tasks.delete", audit: "DATA_WRITE" }, ({ name }) =>
    deps.commits.run(async (transaction) => {
      const { queue, row } = await findTask(deps, name, transaction);
      await deps.tasks.delete(transaction, queue.uid, row.id);
      const expireMs = deps.clock.nowMs() + LIMITS.taskTombstoneMs;
      await deps.tombstones.put(transaction, [tombstoneOf(queue.uid, row.id)], expireMs);
      return {};
    }),
  );
