import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  Jobs,
  type RunJobRequest_Overrides as Overrides,
  RunJobRequest_OverridesSchema as OverridesSchema,
} from "../../../../gen/google/cloud/run/v2/job_pb.js";
import { principalEmail } from "../../../../wire/credentials/principal.ts";
import { invalidArgument } from "../../../../wire/errors.ts";
import type { RunContext } from "../../context.ts";
import { versionConflict } from "../../services/errors.ts";
import { createJob, deleteJob, type JobWish, plannedJob, updateJob, validJobWish } from "../../jobs/apply.ts";
import { runJob } from "../../jobs/apply-execution.ts";
import { changedJob } from "../../jobs/job.ts";
import { MAX_JOB_NAME } from "../../jobs/limits.ts";
import { formatJobName } from "../../jobs/names.ts";
import { type JobRecord, jobOf, JOBS_TABLE } from "../../jobs/store.ts";
import { isJobId } from "../../jobs/validate.ts";
import { formatLocationName } from "../../names.ts";
import { checkBody } from "../check-body.ts";
import type { Collection } from "../collection.ts";
import { deletedStatus, deletionOf } from "../delete-options.ts";
import { iamHandlers } from "../iam.ts";
import { listCollection, shown } from "../lists.ts";
import { isDryRun, jsonBodyOf, type V1Request } from "../request.ts";
import { resourceVersionOf } from "../resource-version.ts";
import { locationFor } from "../location-for.ts";
import { jobBody } from "./body.ts";
import { executionToKnative } from "./execution.ts";
import { findJob } from "./find.ts";
import { jobToKnative, jobWishFromKnative } from "./job.ts";
import { API_VERSION, type KnativeRunRequest } from "./knative.ts";
import { v1JobNaming } from "./naming.ts";
import { RUN_JOB_SHAPE } from "./shapes.ts";

/** Jobs as lists and watches show them. */
export const JOBS: Collection<JobRecord> = {
  apiVersion: API_VERSION,
  kind: "Job",
  plural: "jobs",
  table: JOBS_TABLE,
  parentOf: formatLocationName,
  listing: ({ jobs }) => jobs.allJobs,
  itemOf: jobOf,
  toKnative: jobToKnative,
};

/** GET jobs: a JobList, or a watch. */
export const listJobs = (context: RunContext, at: V1Request) => listCollection(context, JOBS, at);

/** GET jobs/NAME. */
export const getJob = async (context: RunContext, at: V1Request) => shown(JOBS, await findJob(context, at), at);

/** POST jobs: creates; with dryRun=all nothing is stored. */
export async function postJob(context: RunContext, at: V1Request): Promise<object> {
  const body = await jobBody(context, at);
  const job = body.metadata.name ?? "";
  checkName(job);
  const name = formatJobName({ project: at.project, location: locationFor(at, body.metadata), job });
  const wish = validJobWish(jobWishFromKnative(name, body), v1JobNaming);
  const email = principalEmail(at.call.principal);
  if (isDryRun(at.url)) return jobToKnative(plannedJob(context, wish, email));
  return jobToKnative((await createJob(context, wish, email)).record);
}

/** PUT jobs/NAME: replaces everything but what the server writes; with dryRun=all nothing is stored. */
export async function putJob(context: RunContext, at: V1Request): Promise<object> {
  const body = await jobBody(context, at);
  if ((body.metadata.name ?? at.name) !== at.name) {
    const description = `The name of the object (${body.metadata.name}) does not match the name on the URL (${at.name}).`;
    throw invalidArgument(description, [{ field: "metadata.name", description }]);
  }
  const found = await findJob(context, at);
  const wishOf = (current: JobRecord): JobWish => {
    checkVersion(current, body.metadata.resourceVersion);
    return validJobWish(jobWishFromKnative(current.job.name, body), v1JobNaming);
  };
  const email = principalEmail(at.call.principal);
  if (!isDryRun(at.url)) return jobToKnative((await updateJob(context, found.job.name, wishOf, email)).record);
  const job = changedJob(found.job, wishOf(found).job, { email, nowMs: context.clock.nowMs() });
  return jobToKnative({ ...found, job });
}

/** DELETE jobs/NAME. */
export async function removeJob(context: RunContext, at: V1Request): Promise<object> {
  const { dryRun, check } = await deletionOf(at);
  const record = await findJob(context, at);
  check(jobToKnative(record));
  const email = principalEmail(at.call.principal);
  if (!dryRun) await deleteJob(context, record.job.name, (current) => check(jobToKnative(current)), email);
  return deletedStatus(jobToKnative(record));
}

/** POST jobs/NAME:run: answers the new execution. */
export async function postRun(context: RunContext, at: V1Request): Promise<object> {
  const body = checkBody(RUN_JOB_SHAPE, await jsonBodyOf(at.request), "run_job_request") as KnativeRunRequest;
  const { job } = await findJob(context, at);
  const request = { overrides: overridesOf(body), check: () => undefined, email: principalEmail(at.call.principal) };
  return executionToKnative((await runJob(context, job.name, request)).record);
}

/** Policies of jobs. */
export const jobIam = iamHandlers(
  (at) => formatJobName({ ...at, job: at.name }),
  ({ clients }, { call }) => clients.of(Jobs, call.principal, call.signal),
);

function overridesOf({ overrides }: KnativeRunRequest): Overrides | undefined {
  if (!overrides) return undefined;
  const { taskCount = 0, timeoutSeconds, containerOverrides = [] } = overrides;
  return create(OverridesSchema, {
    taskCount,
    ...(timeoutSeconds !== undefined && { timeout: durationFromMs(timeoutSeconds * 1000) }),
    containerOverrides: containerOverrides.map(({ name = "", args = [], clearArgs = false, env = [] }) => ({
      name,
      args,
      clearArgs,
      env: env.map((each) => ({ name: each.name ?? "", values: { case: "value" as const, value: each.value ?? "" } })),
    })),
  });
}

function checkName(name: string): void {
  if (isJobId(name)) return;
  const field = "job.metadata.name";
  const description = `only lowercase, digits, and hyphens; must begin with letter, and may not end with hyphen; must be less than ${MAX_JOB_NAME + 1} characters.`;
  throw invalidArgument(`${field}: ${description}`, [{ field, description }]);
}

function checkVersion({ job, sequence }: JobRecord, given: string | undefined): void {
  const current = resourceVersionOf(sequence);
  if (given && given !== current) throw versionConflict(job.name, given, current);
}
