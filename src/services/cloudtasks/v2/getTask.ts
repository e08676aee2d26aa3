import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findTask } from "../tasks/find-task.ts";
import { taskOf } from "../tasks/task.ts";

/** CloudTasks.GetTask; an attempt under way counts already. */
export const getTask = (deps: Deps) =>
  rpc(
    CloudTasks.method.getTask,
    { permission: "cloudtasks.tasks.get", audit: "DATA_READ" },
    async ({ name, responseView }) => {
      const { queue, row } = await findTask(deps, name);
      return taskOf(deps.dispatcher.underWay(queue.uid, row.id) ?? row, queue.name, responseView);
    },
  );
