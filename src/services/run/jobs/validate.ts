import { durationMs } from "@bufbuild/protobuf/wkt";
import { LaunchStage } from "../../../gen/google/api/launch_stage_pb.js";
import type { ExecutionTemplate } from "../../../gen/google/cloud/run/v2/execution_template_pb.js";
import type { Job } from "../../../gen/google/cloud/run/v2/job_pb.js";
import type { TaskTemplate } from "../../../gen/google/cloud/run/v2/task_template_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { lastSegment } from "../names.ts";
import { metadataViolations } from "../validate/metadata.ts";
import { reservedEnvViolations } from "../validate/container.ts";
import { resourceViolations } from "../validate/resources.ts";
import { workloadViolations } from "../validate/workload.ts";
import type { Violation } from "../validate/violations.ts";
import { vpcAccessViolations } from "../templates/vpc-access.ts";
import { tokenOf } from "./job.ts";
import { MAX_JOB_AND_TOKEN, MAX_JOB_NAME, MAX_TASK_TIMEOUT_SECONDS, MAX_TASKS, MOST_RETRIES } from "./limits.ts";

const JOB_NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const TOKEN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const EMAIL = /^[^@\s]+@[^@\s]+$/;
const LAUNCH_STAGES = new Set([LaunchStage.ALPHA, LaunchStage.BETA, LaunchStage.GA]);
const AT = "template.template";
const CONTRACT_ENV = /^CLOUD_RUN_(JOB|EXECUTION|TASK_INDEX|TASK_ATTEMPT|TASK_COUNT)$/;

/** Every fault of a job whose defaults are filled in. Google: job.proto and the messages it holds. */
export function jobViolations(job: Job): Violation[] {
  const { template } = job;
  if (!template) return [{ field: "template", description: "required field not present.", protoLevel: true }];
  return [
    ...metadataViolations("", job),
    ...settingViolations(job),
    ...metadataViolations("template.", template),
    ...executionViolations(template),
  ];
}

/** Faults of what an execution is made of, also after overrides. */
export function executionViolations(template: ExecutionTemplate): Violation[] {
  const task = template.template!;
  const { containers, executionEnvironment, vpcAccess } = task;
  return [
    ...countViolations(template),
    ...taskViolations(task),
    ...workloadViolations(task, { at: AT, servesRequests: false }),
    ...contractViolations(task),
    ...(containers.length > 0 ? resourceViolations({ at: AT, containers, executionEnvironment, cpuIdle: false }) : []),
    ...(vpcAccess ? vpcAccessViolations(vpcAccess, `${AT}.vpc_access`) : []),
  ];
}

/** Rejects a job id out of pattern, in the words of the v2 API. */
export function checkJobId(jobId: string): void {
  if (isJobId(jobId)) return;
  const description = `${JOB_ID_RULE} must be less than ${MAX_JOB_NAME + 1} characters.`;
  const field = "Violation in CreateJobRequest.job_id";
  throw invalidArgument(`${field}: ${description}`, [{ field, description }]);
}

/** Whether a job may be called so. */
export function isJobId(jobId: string): boolean {
  return JOB_NAME.test(jobId) && jobId.length <= MAX_JOB_NAME;
}

/** Google's words for what names are made of. */
const JOB_ID_RULE = "only lowercase, digits, and hyphens; must begin with letter, and cannot end with hyphen;";

function* settingViolations(job: Job): Iterable<Violation> {
  if (!LAUNCH_STAGES.has(job.launchStage)) {
    yield { field: "launch_stage", description: "Launch stage must be ALPHA, BETA or GA.", protoLevel: true };
  }
  const token = tokenOf(job);
  if (token === "") return;
  const isStart = job.createExecution.case === "startExecutionToken";
  const field = isStart ? "start_execution_token" : "run_execution_token";
  if (!TOKEN.test(token)) {
    const description = "must consist of lowercase letters, digits and hyphens, and cannot begin or end with a hyphen.";
    yield { field, description, protoLevel: true };
  }
  if (lastSegment(job.name).length + token.length > MAX_JOB_AND_TOKEN) {
    const description = `The sum of job name and token length must be fewer than ${MAX_JOB_AND_TOKEN + 1} characters.`;
    yield { field, description, protoLevel: true };
  }
}

function* countViolations({ taskCount, parallelism }: ExecutionTemplate): Iterable<Violation> {
  if (taskCount < 1 || taskCount > MAX_TASKS) {
    yield { field: "template.task_count", description: `must be between 1 and ${MAX_TASKS}.`, protoLevel: true };
  }
  if (parallelism < 0) {
    yield { field: "template.parallelism", description: "must be greater or equal than 0.", protoLevel: true };
  }
}

/** Variables that every task is told. Google: container runtime contract, environment variables of jobs. */
function* contractViolations({ containers }: TaskTemplate): Iterable<Violation> {
  for (const [index, { env }] of containers.entries()) {
    const reserved = env.map(({ name }) => name).filter((name) => CONTRACT_ENV.test(name));
    yield* reservedEnvViolations(reserved, `${AT}.containers[${index}].env`);
  }
}

function* taskViolations({ retries, timeout, serviceAccount }: TaskTemplate): Iterable<Violation> {
  const maxRetries = retries.value ?? 0;
  if (maxRetries < 0 || maxRetries > MOST_RETRIES) {
    yield { field: `${AT}.max_retries`, description: `must be between 0 and ${MOST_RETRIES}.`, protoLevel: true };
  }
  const timeoutMs = timeout ? durationMs(timeout) : 0;
  if (timeoutMs < 1000 || timeoutMs > MAX_TASK_TIMEOUT_SECONDS * 1000 || timeoutMs % 1000 !== 0) {
    const description = `must be whole seconds between 1 and ${MAX_TASK_TIMEOUT_SECONDS}.`;
    yield { field: `${AT}.timeout`, description, protoLevel: true };
  }
  if (!EMAIL.test(serviceAccount)) {
    yield { field: `${AT}.service_account`, description: `Invalid service account email '${serviceAccount}'.` };
  }
}
