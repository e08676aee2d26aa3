import { type Execution, ExecutionSchema } from "../../../gen/google/cloud/run/v2/execution_pb.js";
import { Condition_CommonReason as CommonReason } from "../../../gen/google/cloud/run/v2/condition_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { ApiError } from "../../../wire/errors.ts";
import { type Failure, failed } from "../conditions.ts";
import type { RunContext } from "../context.ts";
import { noteExecution } from "./add-execution.ts";
import { countedExecution, endedExecution, referenceTo, withConditions } from "./execution.ts";
import { CANCELLED, executionFailureOf } from "./failure.ts";
import { jobNameOf } from "./names.ts";
import { operationNameOf } from "../resource-operations.ts";
import type { ExecutionRecord } from "./store.ts";
import { countTasks, readTasks } from "./task-ledger.ts";
import { executionView } from "./view.ts";

/**
 * Writes the outcome of an execution whose tasks have all ended, and finishes its operations, in one transaction.
 * `startFailure` is what kept its tasks from starting.
 */
export async function settleExecution(
  context: RunContext,
  name: string,
  startFailure: Failure | undefined,
): Promise<void> {
  const { jobs, store, clock } = context;
  await store.transact(async (transaction) => {
    const stored = await jobs.getExecution(name, transaction);
    // One that is on its way out is left to the look that follows.
    if (!stored?.execution.reconciling || stored.execution.deleteTime) return;
    const tasks = await readTasks(context, name, transaction);
    const failure = startFailure ?? executionFailureOf(tasks);
    const nowMs = clock.nowMs();
    const hasStarted = tasks.some(({ state }) => state.startTimeMs !== undefined);
    const counted = countedExecution(stored.execution, countTasks(tasks), hasStarted, nowMs);
    const explained = startFailure ? notImported(counted, startFailure, nowMs) : counted;
    const execution = endedExecution(explained, failure, nowMs);
    const record = await jobs.updateExecution(transaction, { ...stored, execution });
    await noteExecution(context, transaction, jobNameOf(name), referenceTo(execution));
    await finishOperations(context, transaction, record, failure);
  });
}

function notImported(execution: Execution, failure: Failure, nowMs: number): Execution {
  const isImage = failure.reason.case === "reason" && failure.reason.value === CommonReason.CONTAINER_MISSING;
  return isImage ? withConditions(execution, { ContainerReady: failed(failure) }, nowMs) : execution;
}

/** The operation that runs it fails with it; a cancelled execution is an answer like any other, as Google has it. */
async function finishOperations(
  { operations }: RunContext,
  transaction: StoreTransaction,
  record: ExecutionRecord,
  failure: Failure | undefined,
): Promise<void> {
  const view = executionView(record);
  const own = operationNameOf(view.name, record.hidden.operationId);
  const error = failure && failure !== CANCELLED ? new ApiError(failure.code, failure.message) : undefined;
  for (const { operation } of await operations.unfinishedOf(transaction, view.name)) {
    await operations.setMetadata(transaction, operation.name, ExecutionSchema, view);
    if (error && operation.name === own) await operations.fail(transaction, own, error);
    else await operations.succeed(transaction, operation.name, ExecutionSchema, view);
  }
}
