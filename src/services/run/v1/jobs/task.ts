import { TaskTemplateSchema } from "../../../../gen/google/cloud/run/v2/task_template_pb.js";
import { clone } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Execution } from "../../../../gen/google/cloud/run/v2/execution_pb.js";
import { Code } from "../../../../gen/google/rpc/code_pb.js";
import { parseTaskName } from "../../jobs/names.ts";
import type { TaskRecord } from "../../jobs/store.ts";
import type { AttemptResult, TaskState } from "../../jobs/task.ts";
import { taskConditions } from "../../jobs/view.ts";
import { taskLogUri } from "../../jobs/log-uri.ts";
import { conditionToKnative } from "../conditions.ts";
import type { KnativeMetadata } from "../knative.ts";
import { LOCATION_LABEL } from "../service.ts";
import { JOB_LABEL } from "./execution.ts";
import { API_VERSION } from "./knative.ts";
import { jobObjectMetadata, timeText } from "./metadata.ts";
import { taskSpecToKnative } from "./template.ts";

export const EXECUTION_LABEL = "run.googleapis.com/execution";
const STATE_LABEL = "run.googleapis.com/runningState";
const SCHEDULED_TIME = "run.googleapis.com/scheduled-time";

/** A stored task as v1 answers it. */
export function taskToKnative(record: TaskRecord, execution: Execution) {
  return {
    apiVersion: API_VERSION,
    kind: "Task",
    metadata: taskMetadata(record, execution),
    spec: taskSpecToKnative(clone(TaskTemplateSchema, execution.template!)),
    status: taskStatus(record.state, execution),
  } as const;
}

function taskMetadata({ name, uid, createTimeMs, state, version }: TaskRecord, execution: Execution): KnativeMetadata {
  const at = parseTaskName(name);
  const described = { name, uid, generation: 1n, createTime: timestampFromMs(createTimeMs) };
  const scheduled = state.scheduledTimeMs === undefined ? undefined : timeText(timestampFromMs(state.scheduledTimeMs));
  return {
    ...jobObjectMetadata(described, at, "tasks", version),
    labels: {
      ...execution.labels,
      [LOCATION_LABEL]: at.location,
      [JOB_LABEL]: at.job,
      [EXECUTION_LABEL]: at.execution,
      [STATE_LABEL]: runningState(state),
    },
    annotations: { ...execution.annotations, ...(scheduled !== undefined && { [SCHEDULED_TIME]: scheduled }) },
  };
}

/** Google: v1 reference, namespaces.tasks.list: Running says that an instance runs or will be running shortly. */
function runningState({ phase, startTimeMs }: TaskState): string {
  const shown = phase === "PENDING" && startTimeMs !== undefined ? "RUNNING" : phase;
  return `${shown[0]}${shown.slice(1).toLowerCase()}`;
}

/** Numbers of zero are not written, as Google has it. */
function taskStatus(state: TaskState, execution: Execution): object {
  const { index, retried, startTimeMs, completionTimeMs, lastAttempt } = state;
  return {
    observedGeneration: 1,
    conditions: taskConditions(state).map(conditionToKnative),
    ...(index > 0 && { index }),
    ...(retried > 0 && { retried }),
    ...(startTimeMs !== undefined && { startTime: timeText(timestampFromMs(startTimeMs)) }),
    ...(completionTimeMs !== undefined && { completionTime: timeText(timestampFromMs(completionTimeMs)) }),
    ...(lastAttempt && { lastAttemptResult: attemptToKnative(lastAttempt) }),
    logUri: taskLogUri(execution.name, index),
  };
}

function attemptToKnative({ code, message, exitCode = 0, termSignal = 0 }: AttemptResult): object {
  return {
    status: { ...(code !== Code.OK && { code }), ...(message !== "" && { message }) },
    ...(exitCode > 0 && { exitCode }),
    ...(termSignal > 0 && { termSignal }),
  };
}
