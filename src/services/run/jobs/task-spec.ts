import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Execution } from "../../../gen/google/cloud/run/v2/execution_pb.js";
import type { TaskSpec } from "../../../instances/serving.ts";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { containerSpecsOf, volumeSpecsOf } from "../templates/workload-spec.ts";
import { parseExecutionName, taskNameOf } from "./names.ts";
import type { TaskState } from "./task.ts";

/** What the serving floor runs for the present attempt of a task. Google: container runtime contract, jobs. */
export function taskSpecOf(execution: Execution, { index, retried }: TaskState): TaskSpec {
  const { project, location, job, execution: executionId } = parseExecutionName(execution.name);
  const template = execution.template!;
  return {
    name: taskNameOf(execution.name, index),
    project: { id: project, number: projectNumberOf(project) },
    location,
    serviceAccountEmail: template.serviceAccount,
    containers: containerSpecsOf(template.containers, project),
    volumes: volumeSpecsOf(template.volumes, project),
    contractEnv: {
      CLOUD_RUN_JOB: job,
      CLOUD_RUN_EXECUTION: executionId,
      CLOUD_RUN_TASK_INDEX: String(index),
      CLOUD_RUN_TASK_ATTEMPT: String(retried),
      CLOUD_RUN_TASK_COUNT: String(execution.taskCount),
    },
    startupCpuBoost: false,
    timeoutSeconds: durationMs(template.timeout!) / 1000,
    monitoredResource: { type: "cloud_run_job", labels: { project_id: project, location, job_name: job } },
    logLabels: {
      ...ownLabels(execution.labels),
      "run.googleapis.com/execution_name": executionId,
      "run.googleapis.com/task_index": String(index),
      "run.googleapis.com/task_attempt": String(retried),
    },
  };
}

/** Labels of the client's own, which have no namespace. */
function ownLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !key.includes("/")));
}
