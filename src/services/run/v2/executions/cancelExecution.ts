import { Executions, ExecutionSchema } from "../../../../gen/google/cloud/run/v2/execution_pb.js";
import { checkEtag, etagOf } from "../../../../wire/etag.ts";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { assertRunning, cancelExecution as applyCancel } from "../../jobs/apply-execution.ts";
import { executionNotFound } from "../../jobs/errors.ts";
import { validatedOperation } from "../../resource-operations.ts";
import type { ExecutionRecord } from "../../jobs/store.ts";
import { executionView } from "../../jobs/view.ts";

/** run.v2.Executions.CancelExecution: stops what runs and starts nothing more; its operation ends with the execution. */
export const cancelExecution = (context: RunContext) =>
  rpc(
    Executions.method.cancelExecution,
    { permission: "run.executions.cancel", audit: "ADMIN_WRITE" },
    async ({ name, etag, validateOnly }) => {
      const check = ({ execution, version }: ExecutionRecord) => checkEtag(etag, etagOf(execution.uid, version));
      if (!validateOnly) return (await applyCancel(context, name, check)).operation;
      const stored = await context.jobs.getExecution(name);
      if (!stored) throw executionNotFound(name);
      check(stored);
      assertRunning(stored);
      return validatedOperation(ExecutionSchema, executionView(stored), context.ids.uuid());
    },
  );
