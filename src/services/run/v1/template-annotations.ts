import { create } from "@bufbuild/protobuf";
import { type Container, ResourceRequirementsSchema } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import type { RevisionTemplate } from "../../../gen/google/cloud/run/v2/revision_template_pb.js";
import { ExecutionEnvironment, RevisionScalingSchema } from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import {
  type AnnotationRule,
  type AnnotationRules,
  invalidAnnotation,
  parseBoolean,
  parseCount,
  parseJson,
} from "./annotation-rules.ts";

/** What a template and a revision have in common. */
export type TemplateFields = Pick<
  RevisionTemplate,
  | "labels"
  | "annotations"
  | "scaling"
  | "timeout"
  | "serviceAccount"
  | "containers"
  | "executionEnvironment"
  | "maxInstanceRequestConcurrency"
> &
  Partial<Pick<RevisionTemplate, "healthCheckDisabled">>;

/** Template annotations of v1 and the fields that they stand for; the containers must be there when they are read. */
export const TEMPLATE_ANNOTATIONS: AnnotationRules<TemplateFields> = {
  "autoscaling.knative.dev/minScale": scale("minInstanceCount"),
  "autoscaling.knative.dev/maxScale": scale("maxInstanceCount"),
  "run.googleapis.com/startup-cpu-boost": {
    read: (value, template, key) => void (resourcesOf(template).startupCpuBoost = parseBoolean(value, key)),
    write: ({ containers }) => (containers[0]?.resources?.startupCpuBoost ? "true" : undefined),
  },
  "run.googleapis.com/cpu-throttling": {
    read: (value, template, key) => void (resourcesOf(template).cpuIdle = parseBoolean(value, key)),
    write: ({ containers }) => (containers[0]?.resources?.cpuIdle === false ? "false" : undefined),
  },
  "run.googleapis.com/execution-environment": {
    read: (value, template, key) => void (template.executionEnvironment = environmentOf(value, key)),
    write: ({ executionEnvironment }) => ENVIRONMENTS[executionEnvironment],
  },
  "run.googleapis.com/health-check-disabled": {
    read: (value, template, key) => void (template.healthCheckDisabled = parseBoolean(value, key)),
    write: ({ healthCheckDisabled }) => (healthCheckDisabled ? "true" : undefined),
  },
  "run.googleapis.com/base-images": {
    read(value, { containers }, key) {
      const images = parseJson(value, "map", key);
      for (const container of containers) container.baseImageUri = images[container.name] ?? "";
    },
    write: ({ containers }) => baseImagesOf(containers),
  },
};

/** Template annotations for settings that homerun does not act on. */
export const UNSUPPORTED_TEMPLATE_ANNOTATIONS: ReadonlySet<string> = new Set([
  "autoscaling.knative.dev/class",
  "autoscaling.knative.dev/metric",
  "autoscaling.knative.dev/target",
  "run.googleapis.com/cloudsql-instances",
  "run.googleapis.com/container-dependencies",
  "run.googleapis.com/encryption-key",
  "run.googleapis.com/encryption-key-shutdown-hours",
  "run.googleapis.com/gpu-zonal-redundancy-disabled",
  "run.googleapis.com/mesh",
  "run.googleapis.com/network-interfaces",
  "run.googleapis.com/post-key-revocation-action-type",
  "run.googleapis.com/secrets",
  "run.googleapis.com/sessionAffinity",
  "run.googleapis.com/sources",
  "run.googleapis.com/vpc-access-connector",
  "run.googleapis.com/vpc-access-egress",
]);

const ENVIRONMENTS: Readonly<Partial<Record<ExecutionEnvironment, string>>> = {
  [ExecutionEnvironment.GEN1]: "gen1",
  [ExecutionEnvironment.GEN2]: "gen2",
};

function scale(field: "minInstanceCount" | "maxInstanceCount"): AnnotationRule<TemplateFields> {
  return {
    read(value, template, key) {
      template.scaling ??= create(RevisionScalingSchema);
      template.scaling[field] = parseCount(value, key);
    },
    write: ({ scaling }) => (scaling?.[field] ? String(scaling[field]) : undefined),
  };
}

/** v1 has CPU, boost and throttling of the one container on the template. */
function resourcesOf({ containers }: TemplateFields) {
  const [container] = containers;
  const resources = container?.resources ?? create(ResourceRequirementsSchema, { cpuIdle: true });
  if (container) container.resources = resources;
  return resources;
}

function environmentOf(value: string, key: string): ExecutionEnvironment {
  if (value === "gen1") return ExecutionEnvironment.GEN1;
  if (value === "gen2") return ExecutionEnvironment.GEN2;
  throw invalidAnnotation(key, value, "gen1 or gen2");
}

function baseImagesOf(containers: readonly Container[]): string | undefined {
  const images = containers.filter(({ baseImageUri }) => baseImageUri !== "");
  if (images.length === 0) return undefined;
  return JSON.stringify(Object.fromEntries(images.map(({ name, baseImageUri }) => [name, baseImageUri])));
}
