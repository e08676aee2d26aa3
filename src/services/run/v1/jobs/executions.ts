import type { RunContext } from "../../context.ts";
import { cancelExecution, deleteExecution } from "../../jobs/apply-execution.ts";
import { formatJobName } from "../../jobs/names.ts";
import { type ExecutionRecord, executionOf, EXECUTIONS_TABLE } from "../../jobs/store.ts";
import type { Collection } from "../collection.ts";
import { deletedStatus, deletionOf } from "../delete-options.ts";
import { listCollection, shown } from "../lists.ts";
import type { V1Request } from "../request.ts";
import { executionToKnative, JOB_LABEL } from "./execution.ts";
import { findExecution } from "./find.ts";
import { API_VERSION } from "./knative.ts";
import { selectedValue } from "./lists.ts";

/** Executions of all jobs, or of the one that the selector names, as lists and watches show them. */
export const EXECUTIONS: Collection<ExecutionRecord> = {
  apiVersion: API_VERSION,
  kind: "Execution",
  plural: "executions",
  table: EXECUTIONS_TABLE,
  parentOf: (at) => formatJobName({ ...at, job: selectedValue(at.url, JOB_LABEL) ?? "-" }),
  listing: ({ jobs }) => jobs.allExecutions,
  itemOf: executionOf,
  toKnative: executionToKnative,
};

/** GET executions: an ExecutionList, or a watch. */
export const listExecutions = (context: RunContext, at: V1Request) => listCollection(context, EXECUTIONS, at);

/** GET executions/NAME. */
export const getExecution = async (context: RunContext, at: V1Request) =>
  shown(EXECUTIONS, await findExecution(context, at), at);

/** POST executions/NAME:cancel: answers the execution, which ends soon after. */
export async function postCancel(context: RunContext, at: V1Request): Promise<object> {
  const { execution } = await findExecution(context, at);
  return executionToKnative((await cancelExecution(context, execution.name, () => undefined)).record);
}

/** DELETE executions/NAME. */
export async function removeExecution(context: RunContext, at: V1Request): Promise<object> {
  const { dryRun, check } = await deletionOf(at);
  const record = await findExecution(context, at);
  check(executionToKnative(record));
  if (!dryRun) await deleteExecution(context, record.execution.name, (current) => check(executionToKnative(current)));
  return deletedStatus(executionToKnative(record));
}
