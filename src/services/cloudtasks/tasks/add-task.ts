import type { Task, Task_View } from "../../../gen/google/cloud/tasks/v2/task_pb.js";
import type { Deps } from "../deps.ts";
import { taskExistedRecently, taskExists } from "../errors.ts";
import { findQueue } from "../queues/find-queue.ts";
import { queueStateOf } from "../queues/queue.ts";
import { isOver } from "./is-over.ts";
import { newTaskRow, taskOf, withTaskDefaults } from "./task.ts";
import { tombstoneOf } from "./tombstone.ts";
import { validateTask } from "./validate-task.ts";

const GENERATED_DIGITS = 19;

/** Adds a task to a queue, under a name that nobody else has: `id`, or a new one. Resolves once it is on disk. */
export async function addTask(
  deps: Deps,
  queueName: string,
  id: string | undefined,
  given: Task,
  view: Task_View,
): Promise<Task> {
  const task = withTaskDefaults(given);
  const nowMs = deps.clock.nowMs();
  validateTask(task, nowMs);
  const row = await deps.commits.run(async (transaction) => {
    const queue = await findQueue(deps, queueName, transaction);
    const taskId = id ?? deps.ids.text(GENERATED_DIGITS, "0123456789");
    if (id !== undefined && (await deps.tombstones.has(tombstoneOf(queue.uid, id), nowMs, transaction)))
      throw taskExistedRecently();
    const present = id === undefined ? undefined : await deps.tasks.get(queue.uid, id, transaction);
    if (present)
      throw isOver(present, queueStateOf(queue), nowMs)
        ? taskExistedRecently()
        : taskExists(`${queueName}/tasks/${id}`);
    const number = deps.dispatcher.nextNumber();
    const made = newTaskRow(task, { queueUid: queue.uid, id: taskId, number, named: id !== undefined, nowMs });
    if (!(await deps.tasks.insert(transaction, made))) throw taskExists(`${queueName}/tasks/${taskId}`);
    transaction.afterCommit(() => deps.dispatcher.created(made));
    return made;
  });
  return taskOf(row, queueName, view);
}
