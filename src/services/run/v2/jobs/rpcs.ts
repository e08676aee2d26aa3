import type { Rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { cancelExecution } from "../executions/cancelExecution.ts";
import { deleteExecution } from "../executions/deleteExecution.ts";
import { getExecution } from "../executions/getExecution.ts";
import { listExecutions } from "../executions/listExecutions.ts";
import { getTask } from "../tasks/getTask.ts";
import { listTasks } from "../tasks/listTasks.ts";
import { createJob } from "./createJob.ts";
import { deleteJob } from "./deleteJob.ts";
import { getJob } from "./getJob.ts";
import { jobIamRpcs } from "./iam.ts";
import { listJobs } from "./listJobs.ts";
import { runJob } from "./runJob.ts";
import { updateJob } from "./updateJob.ts";

/** run.v2.Jobs, Executions and Tasks, whole. */
export function jobRpcs(context: RunContext): Rpc[] {
  return [
    createJob(context),
    getJob(context),
    listJobs(context),
    updateJob(context),
    deleteJob(context),
    runJob(context),
    ...jobIamRpcs(context),
    getExecution(context),
    listExecutions(context),
    deleteExecution(context),
    cancelExecution(context),
    getTask(context),
    listTasks(context),
  ];
}
