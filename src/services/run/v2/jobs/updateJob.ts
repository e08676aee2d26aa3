import { type Job, Jobs, JobSchema } from "../../../../gen/google/cloud/run/v2/job_pb.js";
import type { Operation } from "../../../../gen/google/longrunning/operations_pb.js";
import { principalEmail } from "../../../../wire/credentials/principal.ts";
import { checkEtag, etagOf } from "../../../../wire/etag.ts";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { createJob, type JobWish, plannedJob, updateJob as applyUpdate, validJobWish } from "../../jobs/apply.ts";
import { jobNotFound } from "../../jobs/errors.ts";
import { changedJob } from "../../jobs/job.ts";
import { parseJobName } from "../../jobs/names.ts";
import { v2JobNaming } from "../../jobs/naming.ts";
import { validatedOperation } from "../../resource-operations.ts";
import type { JobRecord } from "../../jobs/store.ts";
import { checkJobId } from "../../jobs/validate.ts";
import { jobView } from "../../jobs/view.ts";
import { NO_HIDDEN_METADATA } from "../../store.ts";

const NAMING = v2JobNaming("UpdateJobRequest");

/** run.v2.Jobs.UpdateJob: the request replaces the whole job, since the method has no update_mask. */
export const updateJob = (context: RunContext) =>
  rpc(
    Jobs.method.updateJob,
    { permission: "run.jobs.update", audit: "ADMIN_WRITE" },
    async ({ job, validateOnly, allowMissing }, call): Promise<Operation> => {
      const { name } = job!;
      parseJobName(name);
      const email = principalEmail(call.principal);
      const stored = await context.jobs.getJob(name);
      if (!stored && allowMissing) return createMissing(context, job!, validateOnly, email);
      if (!stored) throw jobNotFound(name);
      const wishOf = (current: JobRecord) => wishFrom(current, job!);
      if (!validateOnly) return (await applyUpdate(context, name, wishOf, email)).operation;
      const planned = changedJob(stored.job, wishOf(stored).job, { email, nowMs: context.clock.nowMs() });
      return validatedOperation(JobSchema, jobView({ ...stored, job: planned }), context.ids.uuid());
    },
  );

/** System metadata that only v1 shows stays as it is: v2 has fields for what it means. */
function wishFrom({ job: current, hidden, version }: JobRecord, job: Job): JobWish {
  checkEtag(job.etag, etagOf(current.uid, version));
  return validJobWish({ job, metadata: hidden.metadata, template: hidden.template }, NAMING);
}

async function createMissing(context: RunContext, job: Job, validateOnly: boolean, email: string) {
  checkJobId(parseJobName(job.name).job);
  const wish = validJobWish({ job, metadata: NO_HIDDEN_METADATA, template: NO_HIDDEN_METADATA }, NAMING);
  if (!validateOnly) return (await createJob(context, wish, email)).operation;
  return validatedOperation(JobSchema, jobView(plannedJob(context, wish, email)), context.ids.uuid());
}
