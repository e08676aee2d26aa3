import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findTask } from "../tasks/find-task.ts";
import { taskOf } from "../tasks/task.ts";

/** CloudTasks.RunTask: dispatches a task now, whatever the state and limits of its queue, and answers it as dispatched. */
export const runTask = (deps: Deps) =>
  rpc(
    CloudTasks.method.runTask,
    { permission: "cloudtasks.tasks.run", audit: "DATA_WRITE" },
    async ({ name, responseView }) => {
      const { queue, row } = await findTask(deps, name);
      return taskOf(deps.dispatcher.force(row), queue.name, responseView);
    },
  );
