import type { ResourceQuery } from "../../../../platform/store/resource-table.ts";
import type { RunContext } from "../../context.ts";
import { executionNameOf, executionNameOfTask, formatJobName } from "../../jobs/names.ts";
import type { ExecutionRecord } from "../../jobs/store.ts";
import type { V1Request } from "../request.ts";
import { executionNamed, findTask, type OwnedTask } from "./find.ts";
import { jobObjectList, selectedValue } from "./lists.ts";
import { EXECUTION_LABEL, taskToKnative } from "./task.ts";

/** GET tasks: a TaskList. */
export async function listTasks(context: RunContext, at: V1Request): Promise<object> {
  const parent = await parentOf(context, at);
  const list = (query: ResourceQuery) => ownedTasks(context, query);
  const listing = { list, nameOf: ({ task }: OwnedTask) => task.name };
  return jobObjectList(at.url, "Task", parent, listing, ({ task, owner }) => taskToKnative(task, owner.execution));
}

/** GET tasks/NAME. */
export async function getTask(context: RunContext, at: V1Request): Promise<object> {
  const { task, owner } = await findTask(context, at);
  return taskToKnative(task, owner.execution);
}

/** The execution that the selector names, or all of them. */
async function parentOf(context: RunContext, at: V1Request): Promise<string> {
  const id = selectedValue(at.url, EXECUTION_LABEL);
  const anywhere = executionNameOf(formatJobName({ ...at, job: "-" }), id ?? "-");
  if (id === undefined) return anywhere;
  return (await executionNamed(context, at, id))?.execution.name ?? anywhere;
}

/** Tasks with their executions; each execution is read once, and what belongs to none any more is left out. */
async function ownedTasks({ jobs }: RunContext, query: ResourceQuery): Promise<OwnedTask[]> {
  const owners = new Map<string, ExecutionRecord | undefined>();
  const owned: OwnedTask[] = [];
  for (const task of await jobs.listTasks(query)) {
    const name = executionNameOfTask(task.name);
    if (!owners.has(name)) owners.set(name, await jobs.getExecution(name));
    const owner = owners.get(name);
    if (owner) owned.push({ task, owner });
  }
  return owned;
}
