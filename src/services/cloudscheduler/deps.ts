import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { SchedulerTables } from "./store.ts";

/** What CloudScheduler needs of the rest of the server. */
export type CloudSchedulerDeps = Pick<
  ServiceDeps,
  "store" | "wakeups" | "clock" | "ids" | "log" | "tokens" | "clients" | "outgoing"
>;

/** What its methods and reconcilers share. */
export interface Deps extends CloudSchedulerDeps, SchedulerTables {}

/** The wake-up kinds: a job's executions by its schedule, and one that RunJob asked for. */
export const JOB_KIND = "cloudscheduler.job";
export const FORCED_KIND = "cloudscheduler.forced";
