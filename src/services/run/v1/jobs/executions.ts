import type { RunContext } from "../../context.ts";
import { cancelExecution, deleteExecution } from "../../jobs/apply-execution.ts";
import { formatJobName } from "../../jobs/names.ts";
import { isDryRun, type V1Request } from "../request.ts";
import { executionToKnative, JOB_LABEL } from "./execution.ts";
import { findExecution } from "./find.ts";
import { jobObjectList, selectedValue } from "./lists.ts";

/** GET executions: an ExecutionList. */
export function listExecutions({ jobs }: RunContext, at: V1Request): Promise<object> {
  const parent = formatJobName({ ...at, job: selectedValue(at.url, JOB_LABEL) ?? "-" });
  return jobObjectList(at.url, "Execution", parent, jobs.allExecutions, executionToKnative);
}

/** GET executions/NAME. */
export const getExecution = async (context: RunContext, at: V1Request) =>
  executionToKnative(await findExecution(context, at));

/** POST executions/NAME:cancel: answers the execution, which ends soon after. */
export async function postCancel(context: RunContext, at: V1Request): Promise<object> {
  const { execution } = await findExecution(context, at);
  return executionToKnative((await cancelExecution(context, execution.name, () => undefined)).record);
}

/** DELETE executions/NAME. */
export async function removeExecution(context: RunContext, at: V1Request): Promise<object> {
  const { execution } = await findExecution(context, at);
  if (!isDryRun(at.url)) await deleteExecution(context, execution.name, () => undefined);
  return { status: "Success" };
}
