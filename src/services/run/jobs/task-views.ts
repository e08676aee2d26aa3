import type { Execution } from "../../../gen/google/cloud/run/v2/execution_pb.js";
import type { Task } from "../../../gen/google/cloud/run/v2/task_pb.js";
import type { RunContext } from "../context.ts";
import { executionNameOfTask } from "./names.ts";
import type { TaskRecord } from "./store.ts";
import { taskView } from "./view.ts";

/** Tasks as v2 answers them, but for those whose execution went meanwhile; each execution is read once. */
export async function taskViews({ jobs }: Pick<RunContext, "jobs">, tasks: readonly TaskRecord[]): Promise<Task[]> {
  const executions = new Map<string, Execution | undefined>();
  const views: Task[] = [];
  for (const task of tasks) {
    const name = executionNameOfTask(task.name);
    if (!executions.has(name)) executions.set(name, (await jobs.getExecution(name))?.execution);
    const execution = executions.get(name);
    if (execution) views.push(taskView(task, execution));
  }
  return views;
}
