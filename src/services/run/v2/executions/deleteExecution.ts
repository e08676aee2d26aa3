import { Executions, ExecutionSchema } from "../../../../gen/google/cloud/run/v2/execution_pb.js";
import { checkEtag, etagOf } from "../../../../wire/etag.ts";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { deleteExecution as applyDelete } from "../../jobs/apply-execution.ts";
import { executionNotFound } from "../../jobs/errors.ts";
import { validatedOperation } from "../../resource-operations.ts";
import type { ExecutionRecord } from "../../jobs/store.ts";
import { executionView } from "../../jobs/view.ts";

/** run.v2.Executions.DeleteExecution: stops what runs of it first. */
export const deleteExecution = (context: RunContext) =>
  rpc(
    Executions.method.deleteExecution,
    { permission: "run.executions.delete", audit: "ADMIN_WRITE" },
    async ({ name, etag, validateOnly }) => {
      const check = ({ execution, version }: ExecutionRecord) => checkEtag(etag, etagOf(execution.uid, version));
      if (!validateOnly) return (await applyDelete(context, name, check)).operation;
      const stored = await context.jobs.getExecution(name);
      if (!stored) throw executionNotFound(name);
      check(stored);
      return validatedOperation(ExecutionSchema, executionView(stored), context.ids.uuid());
    },
  );
