import { Jobs } from "../../../../gen/google/cloud/run/v2/job_pb.js";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { jobNotFound } from "../../jobs/errors.ts";
import { jobView } from "../../jobs/view.ts";

/** run.v2.Jobs.GetJob. */
export const getJob = ({ jobs }: RunContext) =>
  rpc(Jobs.method.getJob, { permission: "run.jobs.get", audit: "ADMIN_READ" }, async ({ name }) => {
    const record = await jobs.getJob(name);
    if (!record) throw jobNotFound(name);
    return jobView(record);
  });
