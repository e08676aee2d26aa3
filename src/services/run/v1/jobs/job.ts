import { create } from "@bufbuild/protobuf";
import {
  ExecutionReference_CompletionStatus as CompletionStatus,
  type Job,
  JobSchema,
} from "../../../../gen/google/cloud/run/v2/job_pb.js";
import { invalidArgument } from "../../../../wire/errors.ts";
import type { JobWish } from "../../jobs/apply.ts";
import { parseJobName } from "../../jobs/names.ts";
import type { JobRecord } from "../../jobs/store.ts";
import { readAnnotations, writeAnnotations } from "../annotation-rules.ts";
import { conditionToKnative } from "../conditions.ts";
import type { KnativeMetadata } from "../knative.ts";
import { LOCATION_LABEL } from "../service.ts";
import { sortLabels } from "../template.ts";
import { JOB_ANNOTATIONS, OPERATION_ID, UNSUPPORTED_JOB_ANNOTATIONS } from "./annotations.ts";
import { API_VERSION, type KnativeJob, type KnativeJobSpec } from "./knative.ts";
import { jobObjectMetadata, timeText } from "./metadata.ts";
import { executionTemplateFromKnative, executionTemplateMetadata, taskSpecToKnative } from "./template.ts";

const LAST_UPDATED = "run.googleapis.com/lastUpdatedTime";

/** The wish that a v1 Job body stands for; `name` is the full v2 name. */
export function jobWishFromKnative(name: string, { metadata, spec }: KnativeJob): JobWish {
  const { template, hidden } = executionTemplateFromKnative(spec.template);
  const job = create(JobSchema, { name, template, createExecution: tokenFromKnative(spec) });
  const annotations = metadata.annotations ?? {};
  const unsupported = UNSUPPORTED_JOB_ANNOTATIONS;
  const sorted = readAnnotations(annotations, JOB_ANNOTATIONS, unsupported, job, "metadata.annotations");
  const labels = sortLabels(metadata.labels ?? {}, [LOCATION_LABEL, LAST_UPDATED]);
  job.annotations = sorted.own;
  job.labels = labels.own;
  return { job, metadata: { labels: labels.hidden, annotations: sorted.hidden }, template: hidden };
}

/** A stored job as v1 answers it. */
export function jobToKnative(record: JobRecord): KnativeJob {
  const { job, hidden } = record;
  const { parallelism, taskCount, template } = job.template!;
  const { case: token, value } = job.createExecution;
  return {
    apiVersion: API_VERSION,
    kind: "Job",
    metadata: jobMetadata(record),
    spec: {
      template: {
        metadata: executionTemplateMetadata(job.template!, template!, hidden.template),
        spec: {
          ...(parallelism > 0 && { parallelism }),
          taskCount,
          template: { spec: taskSpecToKnative(template!) },
        },
      },
      ...(token !== undefined && { [token]: value }),
    },
    status: jobStatus(job),
  };
}

function jobMetadata({ job, hidden, sequence }: JobRecord): KnativeMetadata {
  const at = parseJobName(job.name);
  const updated = job.updateTime && { [LAST_UPDATED]: timeText(job.updateTime) };
  return {
    ...jobObjectMetadata(job, at, "jobs", sequence),
    labels: { ...job.labels, ...hidden.metadata.labels, [LOCATION_LABEL]: at.location, ...updated },
    annotations: {
      ...job.annotations,
      ...hidden.metadata.annotations,
      ...writeAnnotations(JOB_ANNOTATIONS, job),
      ...(hidden.operationId !== "" && { [OPERATION_ID]: hidden.operationId }),
    },
  };
}

/** v1 tells the outcome of the newest generation, also when it failed. */
function jobStatus({ generation, terminalCondition, executionCount, latestCreatedExecution: latest }: Job): object {
  return {
    observedGeneration: Number(generation),
    conditions: terminalCondition ? [conditionToKnative(terminalCondition)] : [],
    ...(executionCount > 0 && { executionCount }),
    ...(latest && {
      latestCreatedExecution: {
        name: latest.name,
        ...(latest.createTime && { creationTimestamp: timeText(latest.createTime) }),
        ...(latest.completionTime && { completionTimestamp: timeText(latest.completionTime) }),
        ...(latest.deleteTime && { deletionTimestamp: timeText(latest.deleteTime) }),
        completionStatus: CompletionStatus[latest.completionStatus],
      },
    }),
  };
}

function tokenFromKnative({
  startExecutionToken = "",
  runExecutionToken = "",
}: KnativeJobSpec): Job["createExecution"] {
  if (startExecutionToken !== "" && runExecutionToken !== "") {
    const description = "Only one of startExecutionToken and runExecutionToken may be set.";
    throw invalidArgument(description, [{ field: "spec.runExecutionToken", description }]);
  }
  if (startExecutionToken !== "") return { case: "startExecutionToken", value: startExecutionToken };
  return runExecutionToken === "" ? { case: undefined } : { case: "runExecutionToken", value: runExecutionToken };
}
