import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { CloudScheduler } from "../../../gen/google/cloud/scheduler/v1/cloudscheduler_pb.js";
import { type Job, Job_State, JobSchema } from "../../../gen/google/cloud/scheduler/v1/job_pb.js";
import { applyFieldMask } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { changeJob } from "../find.ts";
import { jobOf, type JobState, scheduleOf, withDefaults } from "../job.ts";
import { nextExecution } from "../line.ts";
import { validateJob } from "../validate.ts";

/** CloudScheduler.UpdateJob: the fields of the mask, or all of them without one. A new schedule counts from now. */
export const updateJob = (deps: Deps) =>
  rpc(
    CloudScheduler.method.updateJob,
    { permission: "cloudscheduler.jobs.update", audit: "ADMIN_WRITE" },
    async ({ job: patch, updateMask }) => {
      const mask = updateMask?.paths.length ? updateMask : undefined;
      const row = await changeJob(deps, patch!.name, (state, nowMs) => {
        const masked = mask ? applyFieldMask(JobSchema, state.job, patch!, mask) : patch!;
        if (mask) mergeMaps(masked, state.job, mask.paths);
        const job = withDefaults(withoutEmptyToken(masked));
        validateJob(job, nowMs);
        return {
          job: { ...job, ...kept(state.job), userUpdateTime: timestampFromMs(nowMs) },
          ...planned(state, job, nowMs),
        };
      });
      return jobOf(row);
    },
  );

/** Headers and attributes that a mask names are added to those that are there, as gcloud expects; an empty map clears them. */
function mergeMaps({ target }: Job, { target: before }: Job, paths: readonly string[]): void {
  const named = (field: RegExp) => paths.some((path) => field.test(path));
  if (target.case === "httpTarget" && before.case === "httpTarget" && named(/^http(_t|T)arget\.headers$/))
    target.value.headers = merged(before.value.headers, target.value.headers);
  if (target.case === "pubsubTarget" && before.case === "pubsubTarget" && named(/^pubsub(_t|T)arget\.attributes$/))
    target.value.attributes = merged(before.value.attributes, target.value.attributes);
}

function merged(before: Record<string, string>, given: Record<string, string>): Record<string, string> {
  return Object.keys(given).length > 0 ? { ...before, ...given } : {};
}

/** What no update changes. */
function kept({ name, state, status, lastAttemptTime }: Job): Partial<Job> {
  return { name, state, ...(status && { status }), ...(lastAttemptTime && { lastAttemptTime }) };
}

function planned({ job: before, execution }: JobState, job: Job, nowMs: number): Pick<JobState, "execution"> {
  if (before.state !== Job_State.ENABLED) return { execution: undefined };
  const isSameTime = before.schedule === job.schedule && before.timeZone === job.timeZone;
  return { execution: isSameTime ? execution : nextExecution(scheduleOf(job), nowMs) };
}

/** Clients clear a token by clearing its fields one by one. */
function withoutEmptyToken(job: Job): Job {
  const { target } = job;
  if (target.case !== "httpTarget") return job;
  const { authorizationHeader: header } = target.value;
  if (header.case !== undefined && header.value.serviceAccountEmail === "")
    target.value.authorizationHeader = { case: undefined };
  return job;
}
