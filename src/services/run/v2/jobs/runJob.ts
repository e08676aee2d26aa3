import { ExecutionSchema } from "../../../../gen/google/cloud/run/v2/execution_pb.js";
import { Jobs } from "../../../../gen/google/cloud/run/v2/job_pb.js";
import { principalEmail } from "../../../../wire/credentials/principal.ts";
import { checkEtag, etagOf } from "../../../../wire/etag.ts";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { plannedExecution, runJob as applyRun } from "../../jobs/apply-execution.ts";
import { jobNotFound } from "../../jobs/errors.ts";
import { validatedOperation } from "../../resource-operations.ts";
import type { JobRecord } from "../../jobs/store.ts";
import { executionView } from "../../jobs/view.ts";

/** run.v2.Jobs.RunJob; its operation ends with the execution. */
export const runJob = (context: RunContext) =>
  rpc(
    Jobs.method.runJob,
    { permission: "run.jobs.run", audit: "ADMIN_WRITE" },
    async ({ name, etag, overrides, validateOnly }, call) => {
      const check = ({ job, version }: JobRecord) => checkEtag(etag, etagOf(job.uid, version));
      const request = { overrides, check, email: principalEmail(call.principal) };
      if (!validateOnly) return (await applyRun(context, name, request)).operation;
      const stored = await context.jobs.getJob(name);
      if (!stored) throw jobNotFound(name);
      const planned = executionView(plannedExecution(context, stored, request));
      return validatedOperation(ExecutionSchema, planned, context.ids.uuid());
    },
  );
