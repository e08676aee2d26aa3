import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { invalidField } from "../errors.ts";
import { parseQueueName, parseTaskName } from "../names.ts";
import { addTask } from "../tasks/add-task.ts";

/** CloudTasks.CreateTask: a name can be used once, until an hour after its task is gone. */
export const createTask = (deps: Deps) =>
  rpc(
    CloudTasks.method.createTask,
    { permission: "cloudtasks.tasks.create", audit: "DATA_WRITE" },
    async ({ parent, task, responseView }) => {
      parseQueueName(parent, "parent");
      return addTask(deps, parent, idOf(task!.name, parent), task!, responseView);
    },
  );

function idOf(name: string, parent: string): string | undefined {
  if (name === "") return undefined;
  const { queue, id } = parseTaskName(name, "task.name");
  if (queue === parent) return id;
  const description = `The queue name from request ('${parent}') must be the same as the queue name in the named task ('${queue}').`;
  throw invalidField("task.name", description);
}
