import type { RunContext } from "../../context.ts";
import type { V1Request } from "../request.ts";
import { getExecution, listExecutions, postCancel, removeExecution } from "./executions.ts";
import { getJob, jobIam, listJobs, postJob, postRun, putJob, removeJob } from "./jobs.ts";
import { getTask, listTasks } from "./tasks.ts";

type Handler = (context: RunContext, at: V1Request) => Promise<object>;

const NAMESPACE = String.raw`\/apis\/run\.googleapis\.com\/v1\/namespaces\/(?<project>[^/]+)`;
const JOB = String.raw`\/v1\/projects\/(?<project>[^/]+)\/locations\/(?<location>[^/]+)\/jobs\/(?<name>[^/:]+)`;
const NAME = "(?<name>[^/:]+)";

/** Methods of jobs, executions and tasks: HTTP method, path, handler. Google: Cloud Run Admin API v1, REST reference. */
export const JOB_METHODS: readonly (readonly [method: string, path: string, handle: Handler])[] = [
  ["GET", `${NAMESPACE}/jobs`, listJobs],
  ["POST", `${NAMESPACE}/jobs`, postJob],
  ["GET", `${NAMESPACE}/jobs/${NAME}`, getJob],
  ["PUT", `${NAMESPACE}/jobs/${NAME}`, putJob],
  ["DELETE", `${NAMESPACE}/jobs/${NAME}`, removeJob],
  ["POST", `${NAMESPACE}/jobs/${NAME}:run`, postRun],
  ["GET", `${JOB}:getIamPolicy`, jobIam.getIamPolicy],
  ["POST", `${JOB}:setIamPolicy`, jobIam.setIamPolicy],
  ["POST", `${JOB}:testIamPermissions`, jobIam.testIamPermissions],
  ["GET", `${NAMESPACE}/executions`, listExecutions],
  ["GET", `${NAMESPACE}/executions/${NAME}`, getExecution],
  ["POST", `${NAMESPACE}/executions/${NAME}:cancel`, postCancel],
  ["DELETE", `${NAMESPACE}/executions/${NAME}`, removeExecution],
  ["GET", `${NAMESPACE}/tasks`, listTasks],
  ["GET", `${NAMESPACE}/tasks/${NAME}`, getTask],
];
