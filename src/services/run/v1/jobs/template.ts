import { create } from "@bufbuild/protobuf";
import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import {
  type ExecutionTemplate,
  ExecutionTemplateSchema,
} from "../../../../gen/google/cloud/run/v2/execution_template_pb.js";
import { type TaskTemplate, TaskTemplateSchema } from "../../../../gen/google/cloud/run/v2/task_template_pb.js";
import type { HiddenMetadata } from "../../store.ts";
import { readAnnotations, writeAnnotations } from "../annotation-rules.ts";
import { containerFromKnative, containerToKnative } from "../containers.ts";
import type { KnativeMetadata } from "../knative.ts";
import { parseSecretAliases, SECRETS } from "../secret-aliases.ts";
import { WORKLOAD_ANNOTATIONS } from "../template-annotations.ts";
import { sortLabels } from "../template.ts";
import { volumeFromKnative, volumeToKnative } from "../volumes.ts";
import { UNSUPPORTED_EXECUTION_ANNOTATIONS } from "./annotations.ts";
import type { KnativeExecutionTemplate, KnativeTaskSpec } from "./knative.ts";

const AT = "spec.template.spec.template.spec";
const ANNOTATIONS = "spec.template.metadata.annotations";

/** The v2 template of a v1 one, and the system metadata that v2 has no field for. */
export function executionTemplateFromKnative(given: KnativeExecutionTemplate): {
  template: ExecutionTemplate;
  hidden: HiddenMetadata;
} {
  const { metadata = {}, spec = {} } = given;
  const annotations = metadata.annotations ?? {};
  const task = taskTemplateOf(spec.template?.spec ?? {}, annotations[SECRETS] ?? "");
  const unsupported = UNSUPPORTED_EXECUTION_ANNOTATIONS;
  const sorted = readAnnotations(annotations, WORKLOAD_ANNOTATIONS, unsupported, task, ANNOTATIONS);
  const labels = sortLabels(metadata.labels ?? {}, []);
  const template = create(ExecutionTemplateSchema, {
    labels: labels.own,
    annotations: sorted.own,
    parallelism: spec.parallelism ?? 0,
    taskCount: spec.taskCount ?? 0,
    template: task,
  });
  return { template, hidden: { labels: labels.hidden, annotations: sorted.hidden } };
}

/** Metadata of a v1 execution template. */
export function executionTemplateMetadata(
  { labels, annotations }: Pick<ExecutionTemplate, "labels" | "annotations">,
  task: TaskTemplate,
  hidden: HiddenMetadata,
): KnativeMetadata {
  return {
    labels: { ...labels, ...hidden.labels },
    annotations: { ...annotations, ...hidden.annotations, ...writeAnnotations(WORKLOAD_ANNOTATIONS, task) },
  };
}

/** Spec of the tasks of a v1 job or execution. */
export function taskSpecToKnative(task: TaskTemplate): KnativeTaskSpec {
  const { containers, volumes, retries, timeout, serviceAccount } = task;
  return {
    containers: containers.map(containerToKnative),
    ...(volumes.length > 0 && { volumes: volumes.map(volumeToKnative) }),
    maxRetries: retries.value ?? 0,
    ...(timeout && { timeoutSeconds: String(durationMs(timeout) / 1000) }),
    serviceAccountName: serviceAccount,
  };
}

function taskTemplateOf(spec: KnativeTaskSpec, secrets: string): TaskTemplate {
  const aliases = parseSecretAliases(secrets, `${ANNOTATIONS}[${SECRETS}]`);
  const { containers = [], volumes = [], maxRetries, timeoutSeconds, serviceAccountName = "" } = spec;
  return create(TaskTemplateSchema, {
    containers: containers.map((each, index) => containerFromKnative(each, `${AT}.containers[${index}]`, aliases)),
    volumes: volumes.map((each, index) => volumeFromKnative(each, `${AT}.volumes[${index}]`, aliases)),
    serviceAccount: serviceAccountName,
    ...(maxRetries !== undefined && { retries: { case: "maxRetries", value: maxRetries } }),
    ...(timeoutSeconds !== undefined && { timeout: durationFromMs(Number(timeoutSeconds) * 1000) }),
  });
}
