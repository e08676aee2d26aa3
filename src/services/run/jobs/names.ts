import { invalidArgument } from "../../../wire/errors.ts";
import type { LocationName } from "../names.ts";

/** The parts of projects/PROJECT/locations/LOCATION/jobs/JOB. */
export interface JobName extends LocationName {
  readonly job: string;
}

/** The parts of JOB_NAME/executions/EXECUTION. */
export interface ExecutionName extends JobName {
  readonly execution: string;
}

/** The parts of EXECUTION_NAME/tasks/TASK. */
export interface TaskName extends ExecutionName {
  readonly task: string;
}

const JOB = /^projects\/(?<project>[^/]+)\/locations\/(?<location>[^/]+)\/jobs\/(?<job>[^/]+)$/;
const EXECUTION = new RegExp(`${JOB.source.slice(0, -1)}/executions/(?<execution>[^/]+)$`);
const TASK = new RegExp(`${EXECUTION.source.slice(0, -1)}/tasks/(?<task>[^/]+)$`);

/** Parses the name of a job; INVALID_ARGUMENT for anything else. */
export function parseJobName(name: string): JobName {
  return parse(JOB, name) as JobName;
}

/** Parses the name of an execution; INVALID_ARGUMENT for anything else. */
export function parseExecutionName(name: string): ExecutionName {
  return parse(EXECUTION, name) as ExecutionName;
}

/** Parses the name of a task; INVALID_ARGUMENT for anything else. */
export function parseTaskName(name: string): TaskName {
  return parse(TASK, name) as TaskName;
}

/** projects/PROJECT/locations/LOCATION/jobs/JOB */
export function formatJobName({ project, location, job }: JobName): string {
  return `projects/${project}/locations/${location}/jobs/${job}`;
}

/** Full name of an execution of the job with this full name. */
export function executionNameOf(jobName: string, execution: string): string {
  return `${jobName}/executions/${execution}`;
}

/** Full name of a task of the execution with this full name: its id is EXECUTION-taskINDEX. */
export function taskNameOf(executionName: string, index: number): string {
  return `${executionName}/tasks/${parseExecutionName(executionName).execution}-task${index}`;
}

/** Full name of the job that an execution or task belongs to. */
export function jobNameOf(name: string): string {
  return name.split("/").slice(0, 6).join("/");
}

/** Full name of the execution that a task belongs to. */
export function executionNameOfTask(taskName: string): string {
  return taskName.split("/").slice(0, 8).join("/");
}

function parse(pattern: RegExp, name: string): object {
  const groups = pattern.exec(name)?.groups;
  if (groups) return { ...groups };
  const description = `Invalid resource name: '${name}'.`;
  throw invalidArgument(description, [{ field: "name", description }]);
}
