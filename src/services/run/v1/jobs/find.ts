import { LOCATIONS } from "../../../../wire/locations.ts";
import type { RunContext } from "../../context.ts";
import { executionNotFound, jobNotFound, taskNotFound } from "../../jobs/errors.ts";
import { executionNameOf, formatJobName, taskNameOf } from "../../jobs/names.ts";
import type { ExecutionRecord, JobRecord, TaskRecord } from "../../jobs/store.ts";
import type { V1Request } from "../request.ts";

/** A task with the execution that it belongs to. */
export interface OwnedTask {
  readonly task: TaskRecord;
  readonly owner: ExecutionRecord;
}

/** The job that a v1 path names; without a regional host the one region that has it. NOT_FOUND in Google's words. */
export async function findJob({ jobs }: RunContext, at: V1Request): Promise<JobRecord> {
  for (const location of locationsOf(at)) {
    const record = await jobs.getJob(formatJobName({ ...at, location, job: at.name }));
    if (record) return record;
  }
  throw jobNotFound(formatJobName({ ...at, job: at.name }));
}

/** The execution that a v1 path names, whichever job it belongs to. NOT_FOUND in Google's words. */
export async function findExecution(context: RunContext, at: V1Request): Promise<ExecutionRecord> {
  const found = await executionNamed(context, at, at.name);
  if (!found) throw executionNotFound(executionNameOf(formatJobName({ ...at, job: "-" }), at.name));
  return found;
}

/** The task that a v1 path names, whichever execution it belongs to. NOT_FOUND in Google's words. */
export async function findTask(context: RunContext, at: V1Request): Promise<OwnedTask> {
  const [, execution = "", index = ""] = /^(.+)-task(\d{1,5})$/.exec(at.name) ?? [];
  const owner = await executionNamed(context, at, execution);
  const task = owner && (await context.jobs.getTask(taskNameOf(owner.execution.name, Number(index))));
  if (task) return { task, owner };
  throw taskNotFound(`${executionNameOf(formatJobName({ ...at, job: "-" }), "-")}/tasks/${at.name}`);
}

/** Execution ids begin with the name of their job and a hyphen; both may have hyphens of their own. */
export async function executionNamed(
  { jobs }: RunContext,
  at: V1Request,
  id: string,
): Promise<ExecutionRecord | undefined> {
  const prefixes = [...id.matchAll(/-/g)].map(({ index }) => id.slice(0, index));
  for (const location of locationsOf(at)) {
    for (const job of prefixes) {
      const record = await jobs.getExecution(executionNameOf(formatJobName({ ...at, location, job }), id));
      if (record) return record;
    }
  }
  return undefined;
}

function locationsOf({ location }: V1Request): readonly string[] {
  return location === "-" ? Object.keys(LOCATIONS) : [location];
}
