import { Jobs, JobSchema } from "../../../../gen/google/cloud/run/v2/job_pb.js";
import { principalEmail } from "../../../../wire/credentials/principal.ts";
import { checkEtag, etagOf } from "../../../../wire/etag.ts";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { deleteJob as applyDelete } from "../../jobs/apply.ts";
import { jobNotFound } from "../../jobs/errors.ts";
import { validatedOperation } from "../../resource-operations.ts";
import type { JobRecord } from "../../jobs/store.ts";
import { jobView } from "../../jobs/view.ts";

/** run.v2.Jobs.DeleteJob: stops what runs of it and deletes all of its executions. */
export const deleteJob = (context: RunContext) =>
  rpc(
    Jobs.method.deleteJob,
    { permission: "run.jobs.delete", audit: "ADMIN_WRITE" },
    async ({ name, etag, validateOnly }, call) => {
      const check = ({ job, version }: JobRecord) => checkEtag(etag, etagOf(job.uid, version));
      if (!validateOnly) return (await applyDelete(context, name, check, principalEmail(call.principal))).operation;
      const stored = await context.jobs.getJob(name);
      if (!stored) throw jobNotFound(name);
      check(stored);
      return validatedOperation(JobSchema, jobView(stored), context.ids.uuid());
    },
  );
