import { CloudScheduler } from "../../gen/google/cloud/scheduler/v1/cloudscheduler_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import type { CloudSchedulerDeps } from "./deps.ts";

/** cloudscheduler.googleapis.com: jobs that run by cron. */
export function cloudscheduler(_deps: CloudSchedulerDeps): ServiceModule {
  return { name: "cloudscheduler", services: [CloudScheduler], rpcs: [], mixinVersions: ["v1"] };
}
