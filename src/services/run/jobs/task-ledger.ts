import type { Execution } from "../../../gen/google/cloud/run/v2/execution_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { RunContext } from "../context.ts";
import { noteExecution } from "./add-execution.ts";
import { countedExecution, referenceTo, type TaskCounts } from "./execution.ts";
import { jobNameOf, taskNameOf } from "./names.ts";
import type { TaskRecord } from "./store.ts";
import { newTask, type TaskState } from "./task.ts";

/** Tasks that are written in one transaction. */
const BATCH = 500;

/** The tasks of an execution while its reconciler runs, which alone writes them. */
export interface TaskLedger {
  /** All of them by index, as they are stored. */
  readonly tasks: readonly TaskRecord[];
  /** Writes the state of a task and what its execution tells of it. */
  write(state: TaskState): Promise<void>;
}

/** Opens the ledger of an execution; writes the tasks that do not exist yet. */
export async function openTaskLedger(context: RunContext, execution: Execution): Promise<TaskLedger> {
  const tasks = await ensureTasks(context, execution);
  return {
    tasks,
    async write(state) {
      const before = tasks[state.index]!;
      // At once, so that what others write meanwhile counts it, too.
      tasks[state.index] = { ...before, state };
      await context.store.transact(async (transaction) => {
        const { version } = await context.jobs.updateTask(transaction, { ...before, state });
        tasks[state.index] = { ...before, state, version };
        await tellExecution(context, transaction, execution.name, tasks);
      });
    },
  };
}

/** All tasks of an execution, by index. */
export async function readTasks(
  { jobs }: RunContext,
  executionName: string,
  transaction?: StoreTransaction,
): Promise<TaskRecord[]> {
  const tasks: TaskRecord[] = [];
  for (;;) {
    const last = tasks.at(-1);
    const after = last && { name: last.name, createTimeMs: last.createTimeMs + last.state.index };
    const query = { parent: executionName, limit: BATCH, orderBy: "createTime", ...(after && { after }) } as const;
    const page = await jobs.listTasks(query, transaction);
    tasks.push(...page);
    if (page.length < BATCH) return tasks;
  }
}

/** How many tasks stand where; those that never started count as cancelled, too, once they never will. */
export function countTasks(tasks: readonly TaskRecord[]): TaskCounts {
  const counts = { running: 0, succeeded: 0, failed: 0, cancelled: 0, retried: 0 };
  for (const { state } of tasks) {
    if (state.retried > 0) counts.retried++;
    if (state.phase === "RUNNING") counts.running++;
    if (state.phase === "SUCCEEDED") counts.succeeded++;
    if (state.phase === "FAILED") counts.failed++;
    if (state.phase === "CANCELLED" || state.phase === "ABANDONED") counts.cancelled++;
  }
  return counts;
}

async function ensureTasks(context: RunContext, { name, taskCount }: Execution): Promise<TaskRecord[]> {
  const { ids, clock, jobs, store } = context;
  const tasks = await readTasks(context, name);
  // Those of one execution were created together, though it may take several transactions.
  const createTimeMs = tasks[0]?.createTimeMs ?? clock.nowMs();
  while (tasks.length < taskCount) {
    const count = Math.min(BATCH, taskCount - tasks.length);
    const batch = Array.from({ length: count }, (_, offset): TaskRecord => {
      const index = tasks.length + offset;
      const state = newTask(index, createTimeMs);
      return { name: taskNameOf(name, index), uid: ids.uuid(), createTimeMs, state, version: 1 };
    });
    await store.transact(async (transaction) => {
      for (const task of batch) await jobs.insertTask(transaction, task);
    });
    tasks.push(...batch);
    // Whoever waits for an answer meanwhile gets it between two batches.
    if (tasks.length < taskCount) await clock.sleep(0);
  }
  return tasks;
}

async function tellExecution(
  context: RunContext,
  transaction: StoreTransaction,
  name: string,
  tasks: readonly TaskRecord[],
): Promise<void> {
  const record = await context.jobs.getExecution(name, transaction);
  if (!record) return;
  const hasStarted = tasks.some(({ state }) => state.startTimeMs !== undefined);
  const isFirst = hasStarted && !record.execution.startTime;
  const execution = countedExecution(record.execution, countTasks(tasks), hasStarted, context.clock.nowMs());
  await context.jobs.updateExecution(transaction, { ...record, execution });
  if (isFirst) await noteExecution(context, transaction, jobNameOf(name), referenceTo(execution));
}
