import type { Execution } from "../../../../gen/google/cloud/run/v2/execution_pb.js";
import { parseExecutionName } from "../../jobs/names.ts";
import type { ExecutionRecord } from "../../jobs/store.ts";
import { conditionToKnative } from "../conditions.ts";
import type { KnativeMetadata } from "../knative.ts";
import { resourceVersionOf } from "../resource-version.ts";
import { LOCATION_LABEL } from "../service.ts";
import { CREATOR, LAST_MODIFIER, OPERATION_ID } from "./annotations.ts";
import { API_VERSION } from "./knative.ts";
import { jobObjectMetadata, timeText } from "./metadata.ts";
import { executionTemplateMetadata, taskSpecToKnative } from "./template.ts";

/** Labels by which executions and tasks say what they belong to. */
export const JOB_LABEL = "run.googleapis.com/job";

/** A stored execution as v1 answers it. */
export function executionToKnative(record: ExecutionRecord) {
  const { execution } = record;
  const { parallelism, taskCount, template } = execution;
  return {
    apiVersion: API_VERSION,
    kind: "Execution",
    metadata: executionMetadata(record),
    spec: { parallelism, taskCount, template: { spec: taskSpecToKnative(template!) } },
    status: executionStatus(execution),
  } as const;
}

function executionMetadata({ execution, hidden, sequence }: ExecutionRecord): KnativeMetadata {
  const at = parseExecutionName(execution.name);
  const { labels, annotations } = executionTemplateMetadata(execution, execution.template!, hidden.metadata);
  const { creator } = execution;
  return {
    ...jobObjectMetadata(execution, at, "executions", sequence),
    labels: {
      ...labels,
      [LOCATION_LABEL]: at.location,
      [JOB_LABEL]: at.job,
      "run.googleapis.com/jobGeneration": String(hidden.jobGeneration),
      "run.googleapis.com/jobResourceVersion": resourceVersionOf(hidden.jobVersion),
      "run.googleapis.com/jobUid": hidden.jobUid,
    },
    annotations: {
      ...annotations,
      ...(creator !== "" && { [CREATOR]: creator, [LAST_MODIFIER]: creator }),
      ...(hidden.operationId !== "" && { [OPERATION_ID]: hidden.operationId }),
    },
    ownerReferences: [
      {
        apiVersion: API_VERSION,
        kind: "Job",
        name: at.job,
        uid: hidden.jobUid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  };
}

/** Counts of zero are not written, as Google has it. */
function executionStatus(execution: Execution): object {
  const { observedGeneration, conditions, startTime, completionTime, logUri } = execution;
  const { runningCount, succeededCount, failedCount, cancelledCount, retriedCount } = execution;
  const counts = Object.entries({ runningCount, succeededCount, failedCount, cancelledCount, retriedCount });
  return {
    ...(observedGeneration > 0n && { observedGeneration: Number(observedGeneration) }),
    conditions: conditions.map(conditionToKnative),
    ...Object.fromEntries(counts.filter(([, count]) => count > 0)),
    ...(startTime && { startTime: timeText(startTime) }),
    ...(completionTime && { completionTime: timeText(completionTime) }),
    logUri,
  };
}
