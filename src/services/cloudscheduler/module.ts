import { CloudScheduler } from "../../gen/google/cloud/scheduler/v1/cloudscheduler_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import { type CloudSchedulerDeps, type Deps, FORCED_KIND, JOB_KIND } from "./deps.ts";
import { LIMITS } from "./limits.ts";
import { reconcilers } from "./reconcile.ts";
import { createTables, migrations } from "./store.ts";
import { createJob } from "./v1/createJob.ts";
import { deleteJob } from "./v1/deleteJob.ts";
import { getJob } from "./v1/getJob.ts";
import { listJobs } from "./v1/listJobs.ts";
import { pauseJob } from "./v1/pauseJob.ts";
import { resumeJob } from "./v1/resumeJob.ts";
import { runJob } from "./v1/runJob.ts";
import { updateJob } from "./v1/updateJob.ts";

/** cloudscheduler.googleapis.com: jobs that run by cron. */
export function cloudscheduler(given: CloudSchedulerDeps): ServiceModule {
  const deps: Deps = { ...given, ...createTables(given.store) };
  return {
    name: "cloudscheduler",
    services: [CloudScheduler],
    rpcs: [
      createJob(deps),
      getJob(deps),
      listJobs(deps),
      updateJob(deps),
      deleteJob(deps),
      pauseJob(deps),
      resumeJob(deps),
      runJob(deps),
    ],
    mixinVersions: ["v1"],
    migrations,
    reconcilers: reconcilers(deps),
    parallelRuns: { [JOB_KIND]: LIMITS.parallelAttempts, [FORCED_KIND]: LIMITS.parallelAttempts },
    scans: [{ kind: JOB_KIND, keys: () => deps.jobs.unfinishedNames() }],
  };
}
