import { CloudScheduler } from "../../../gen/google/cloud/scheduler/v1/cloudscheduler_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findJob } from "../find.ts";
import { jobOf } from "../job.ts";

/** CloudScheduler.GetJob. */
export const getJob = (deps: Deps) =>
  rpc(CloudScheduler.method.getJob, { permission: "cloudscheduler.jobs.get", audit: "ADMIN_READ" }, async ({ name }) =>
    jobOf(await findJob(deps, name)),
  );
