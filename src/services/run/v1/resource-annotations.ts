import { LaunchStage } from "../../../gen/google/api/launch_stage_pb.js";
import { type AnnotationRule, type AnnotationRules, byName, nameOf } from "./annotation-rules.ts";

/** What services, jobs and worker pools have in common. */
export interface ResourceFields {
  client: string;
  clientVersion: string;
  launchStage: LaunchStage;
}

const STAGES: Readonly<Record<string, LaunchStage>> = {
  ALPHA: LaunchStage.ALPHA,
  BETA: LaunchStage.BETA,
  GA: LaunchStage.GA,
};

/** Annotations of v1 that any resource may have, and the fields that they stand for. */
export const RESOURCE_ANNOTATIONS: AnnotationRules<ResourceFields> = {
  "run.googleapis.com/client-name": text("client"),
  "run.googleapis.com/client-version": text("clientVersion"),
  "run.googleapis.com/launch-stage": {
    read: (value, resource, key) => void (resource.launchStage = byName(STAGES, value, key)),
    write: ({ launchStage }) => (launchStage === LaunchStage.GA ? undefined : nameOf(STAGES, launchStage)),
  },
};

function text(field: "client" | "clientVersion"): AnnotationRule<ResourceFields> {
  return {
    read: (value, resource) => void (resource[field] = value),
    write: (resource) => resource[field] || undefined,
  };
}
