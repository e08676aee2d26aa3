import { CloudScheduler } from "../../../gen/google/cloud/scheduler/v1/cloudscheduler_pb.js";
import { Job_State } from "../../../gen/google/cloud/scheduler/v1/job_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { jobNotInState } from "../errors.ts";
import { changeJob } from "../find.ts";
import { jobOf, scheduleOf } from "../job.ts";
import { nextExecution } from "../line.ts";

/** CloudScheduler.ResumeJob: times that passed while the job was paused are not made up for. */
export const resumeJob = (deps: Deps) =>
  rpc(
    CloudScheduler.method.resumeJob,
    { permission: "cloudscheduler.jobs.enable", audit: "ADMIN_WRITE" },
    async ({ name }) => {
      const row = await changeJob(deps, name, ({ job }, nowMs) => {
        if (job.state !== Job_State.PAUSED) throw jobNotInState("PAUSED", "ResumeJob");
        return { job: { ...job, state: Job_State.ENABLED }, execution: nextExecution(scheduleOf(job), nowMs) };
      });
      return jobOf(row);
    },
  );
