import { CloudScheduler } from "../../../gen/google/cloud/scheduler/v1/cloudscheduler_pb.js";
import { Job_State } from "../../../gen/google/cloud/scheduler/v1/job_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { jobNotInState } from "../errors.ts";
import { changeJob } from "../find.ts";
import { jobOf } from "../job.ts";

/** CloudScheduler.PauseJob: retries that wait are given up, too. */
export const pauseJob = (deps: Deps) =>
  rpc(
    CloudScheduler.method.pauseJob,
    { permission: "cloudscheduler.jobs.pause", audit: "ADMIN_WRITE" },
    async ({ name }) => {
      const row = await changeJob(deps, name, ({ job }) => {
        if (job.state !== Job_State.ENABLED) throw jobNotInState("ENABLED", "PauseJob");
        return { job: { ...job, state: Job_State.PAUSED }, execution: undefined };
      });
      return jobOf(row);
    },
  );
