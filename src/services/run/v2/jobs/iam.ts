import { Jobs } from "../../../../gen/google/cloud/run/v2/job_pb.js";
import { createIamMethods } from "../../../../wire/iam/rpcs.ts";
import { type Rpc, rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { jobNotFound } from "../../jobs/errors.ts";

/** run.v2.Jobs.GetIamPolicy, SetIamPolicy and TestIamPermissions. */
export function jobIamRpcs(context: RunContext): Rpc[] {
  const methods = createIamMethods({
    ...context,
    async assertExists(name) {
      if (!(await context.jobs.getJob(name))) throw jobNotFound(name);
    },
  });
  const { getIamPolicy, setIamPolicy, testIamPermissions } = Jobs.method;
  return [
    rpc(getIamPolicy, { permission: "run.jobs.getIamPolicy", audit: "ADMIN_READ" }, methods.getIamPolicy),
    rpc(setIamPolicy, { permission: "run.jobs.setIamPolicy", audit: "ADMIN_WRITE" }, methods.setIamPolicy),
    // As for services: clients ask before there is a job, and then get what the project grants.
    rpc(testIamPermissions, { permission: "none", audit: "none" }, async ({ permissions }) => ({ permissions })),
  ];
}
