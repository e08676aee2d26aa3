import type { Job } from "../../../../gen/google/cloud/run/v2/job_pb.js";
import { type AnnotationRules, serverWritten } from "../annotation-rules.ts";
import { RESOURCE_ANNOTATIONS } from "../resource-annotations.ts";
import { UNSUPPORTED_TEMPLATE_ANNOTATIONS } from "../template-annotations.ts";

export const OPERATION_ID = "run.googleapis.com/operation-id";
export const CREATOR = "run.googleapis.com/creator";
export const LAST_MODIFIER = "run.googleapis.com/lastModifier";

/** Job annotations of v1 and the fields of run.v2.Job that they stand for. */
export const JOB_ANNOTATIONS: AnnotationRules<Job> = {
  [CREATOR]: serverWritten(({ creator }) => creator || undefined),
  [LAST_MODIFIER]: serverWritten(({ lastModifier }) => lastModifier || undefined),
  // Shown from the record, since no v2 field holds it.
  [OPERATION_ID]: serverWritten(),
  ...RESOURCE_ANNOTATIONS,
};

/** Job annotations for settings that homerun does not act on. */
export const UNSUPPORTED_JOB_ANNOTATIONS: ReadonlySet<string> = new Set([
  "run.googleapis.com/binary-authorization",
  "run.googleapis.com/binary-authorization-breakglass",
]);

/** Annotations of an execution's template for settings that homerun does not act on, or that jobs do not have. */
export const UNSUPPORTED_EXECUTION_ANNOTATIONS: ReadonlySet<string> = new Set([
  ...UNSUPPORTED_TEMPLATE_ANNOTATIONS,
  "run.googleapis.com/base-images",
]);
