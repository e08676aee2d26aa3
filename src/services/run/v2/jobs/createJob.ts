import { Jobs, JobSchema } from "../../../../gen/google/cloud/run/v2/job_pb.js";
import { principalEmail } from "../../../../wire/credentials/principal.ts";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { createJob as applyCreate, plannedJob, validJobWish } from "../../jobs/apply.ts";
import { resourceExists } from "../../resource-errors.ts";
import { formatJobName } from "../../jobs/names.ts";
import { v2JobNaming } from "../../jobs/naming.ts";
import { validatedOperation } from "../../resource-operations.ts";
import { checkJobId } from "../../jobs/validate.ts";
import { jobView } from "../../jobs/view.ts";
import { parseLocationName } from "../../names.ts";
import { NO_HIDDEN_METADATA } from "../../store.ts";
import { assertLocation } from "../locations.ts";

/** run.v2.Jobs.CreateJob. */
export const createJob = (context: RunContext) =>
  rpc(
    Jobs.method.createJob,
    { permission: "run.jobs.create", audit: "ADMIN_WRITE" },
    async ({ parent, job, jobId, validateOnly }, call) => {
      const location = parseLocationName(parent);
      assertLocation(location.location);
      checkJobId(jobId);
      const named = { ...job!, name: formatJobName({ ...location, job: jobId }) };
      const wish = { job: named, metadata: NO_HIDDEN_METADATA, template: NO_HIDDEN_METADATA };
      const valid = validJobWish(wish, v2JobNaming("CreateJobRequest"));
      const email = principalEmail(call.principal);
      if (!validateOnly) return (await applyCreate(context, valid, email)).operation;
      if (await context.jobs.getJob(named.name)) throw resourceExists(named.name);
      return validatedOperation(JobSchema, jobView(plannedJob(context, valid, email)), context.ids.uuid());
    },
  );
