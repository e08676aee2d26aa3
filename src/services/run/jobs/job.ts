import { clone, create, equals } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { LaunchStage } from "../../../gen/google/api/launch_stage_pb.js";
import { type Job, JobSchema } from "../../../gen/google/cloud/run/v2/job_pb.js";
import { conditionOf, RECONCILING } from "../conditions.ts";
import type { Author } from "../services/service.ts";
import { parseJobName } from "./names.ts";
import { withExecutionDefaults } from "./template.ts";

/** A client's wish with every default filled in that shows when the job is read back. */
export function withJobDefaults(intent: Job): Job {
  const job = clone(JobSchema, intent);
  job.launchStage ||= LaunchStage.GA;
  if (job.template) job.template = withExecutionDefaults(job.template, parseJobName(job.name));
  job.etag = "";
  return job;
}

/** A new job, not yet reconciled, from a wish with defaults. */
export function newJob(wish: Job, uid: string, { email, nowMs }: Author): Job {
  const job = withoutState(wish);
  job.uid = uid;
  job.createTime = timestampFromMs(nowMs);
  job.creator = email;
  return asChanged(job, 1n, { email, nowMs });
}

/** The job after a change of intent: the wish with what the server knows of the job so far. */
export function changedJob(current: Job, wish: Job, author: Author): Job {
  const job = withoutState(wish);
  const { uid, creator, observedGeneration, executionCount, conditions } = current;
  Object.assign(job, { uid, creator, observedGeneration, executionCount, conditions });
  const { createTime, terminalCondition, latestCreatedExecution } = clone(JobSchema, current);
  if (createTime) job.createTime = createTime;
  if (terminalCondition) job.terminalCondition = terminalCondition;
  if (latestCreatedExecution) job.latestCreatedExecution = latestCreatedExecution;
  const isSame = equals(JobSchema, withoutState(current), withoutState(wish));
  return asChanged(job, isSame ? current.generation : current.generation + 1n, author);
}

/** The job once its deletion was asked for. */
export function deletedJob(current: Job, author: Author): Job {
  const job = asChanged(clone(JobSchema, current), current.generation + 1n, author);
  job.deleteTime = timestampFromMs(author.nowMs);
  return job;
}

/** The token that a job names its execution with, "" when it has none. */
export function tokenOf({ createExecution }: Pick<Job, "createExecution">): string {
  return createExecution.value ?? "";
}

/** What a client may say about a job. */
function withoutState(given: Job): Job {
  const { name, labels, annotations, client, clientVersion, launchStage, binaryAuthorization } = given;
  const { template, createExecution } = given;
  const job = create(JobSchema, { name, labels, annotations, client, clientVersion, launchStage });
  if (binaryAuthorization) job.binaryAuthorization = binaryAuthorization;
  if (template) job.template = template;
  job.createExecution = createExecution;
  return job;
}

function asChanged(job: Job, generation: bigint, { email, nowMs }: Author): Job {
  Object.assign(job, { generation, lastModifier: email, reconciling: true });
  job.updateTime = timestampFromMs(nowMs);
  const before = job.terminalCondition ? [job.terminalCondition] : [];
  job.terminalCondition = conditionOf("Ready", before, RECONCILING, nowMs);
  return job;
}
