import { create } from "@bufbuild/protobuf";
import { type Container, ResourceRequirementsSchema } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import type { RevisionTemplate } from "../../../gen/google/cloud/run/v2/revision_template_pb.js";
import { ExecutionEnvironment, RevisionScalingSchema } from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { mainContainerOf } from "../templates/main-container.ts";
import { isCpuIdle } from "../validate/resources.ts";
import {
  type AnnotationRule,
  type AnnotationRules,
  invalidAnnotation,
  parseBoolean,
  parseCount,
  parseJson,
} from "./annotation-rules.ts";
import { formatSecretAliases, SECRETS } from "./secret-aliases.ts";
import { VPC_ANNOTATIONS } from "./vpc-annotations.ts";

/** What a template and a revision have in common. */
export type TemplateFields = Pick<
  RevisionTemplate,
  | "labels"
  | "annotations"
  | "scaling"
  | "timeout"
  | "serviceAccount"
  | "containers"
  | "volumes"
  | "sessionAffinity"
  | "executionEnvironment"
  | "maxInstanceRequestConcurrency"
> &
  Partial<Pick<RevisionTemplate, "healthCheckDisabled" | "vpcAccess">>;

/** What templates of revisions and of tasks have in common. */
export type WorkloadFields = Pick<RevisionTemplate, "containers" | "volumes" | "executionEnvironment"> &
  Partial<Pick<RevisionTemplate, "vpcAccess">>;

/** Template annotations of v1 that hold for any kind of workload. */
export const WORKLOAD_ANNOTATIONS: AnnotationRules<WorkloadFields> = {
  "run.googleapis.com/container-dependencies": {
    read: (value, { containers }, key) => readDependencies(value, containers, key),
    write: ({ containers }) => dependenciesOf(containers),
  },
  // Read with the containers, which name secrets by it.
  [SECRETS]: { read: () => undefined, write: formatSecretAliases },
  ...VPC_ANNOTATIONS,
  "run.googleapis.com/execution-environment": {
    read: (value, template, key) => void (template.executionEnvironment = environmentOf(value, key)),
    write: ({ executionEnvironment }) => ENVIRONMENTS[executionEnvironment],
  },
};

/** Template annotations of v1 and the fields that they stand for; the containers must be there when they are read. */
export const TEMPLATE_ANNOTATIONS: AnnotationRules<TemplateFields> = {
  "autoscaling.knative.dev/minScale": scale("minInstanceCount"),
  "autoscaling.knative.dev/maxScale": scale("maxInstanceCount"),
  "run.googleapis.com/startup-cpu-boost": {
    read: (value, template, key) => void (resourcesOf(template).startupCpuBoost = parseBoolean(value, key)),
    write: ({ containers }) => (mainContainerOf(containers)?.resources?.startupCpuBoost ? "true" : undefined),
  },
  "run.googleapis.com/cpu-throttling": {
    read(value, { containers }, key) {
      const cpuIdle = parseBoolean(value, key);
      for (const { resources } of containers) if (resources) resources.cpuIdle = cpuIdle;
    },
    write: ({ containers }) => (isCpuIdle(containers) ? undefined : "false"),
  },
  "run.googleapis.com/sessionAffinity": {
    read: (value, template, key) => void (template.sessionAffinity = parseBoolean(value, key)),
    write: ({ sessionAffinity }) => (sessionAffinity ? "true" : undefined),
  },
  ...WORKLOAD_ANNOTATIONS,
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
  "run.googleapis.com/encryption-key",
  "run.googleapis.com/encryption-key-shutdown-hours",
  "run.googleapis.com/gpu-zonal-redundancy-disabled",
  "run.googleapis.com/enable-workload-certificate",
  "run.googleapis.com/identity",
  "run.googleapis.com/mesh",
  "run.googleapis.com/mesh-dataplane",
  "run.googleapis.com/overflow-scaling",
  "run.googleapis.com/post-key-revocation-action-type",
  "run.googleapis.com/sources",
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

/** v1 has the boost of the main container on the template. */
function resourcesOf({ containers }: TemplateFields) {
  const container = mainContainerOf(containers);
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

/** {"app": ["sidecar"]} */
function readDependencies(value: string, containers: readonly Container[], key: string): void {
  const dependencies = parseJson(value, "lists", key);
  const unknown = Object.keys(dependencies).find((name) => !containers.some((container) => container.name === name));
  if (unknown !== undefined) throw invalidAnnotation(key, value, `about containers: there is no '${unknown}'`);
  for (const container of containers) container.dependsOn = dependencies[container.name] ?? [];
}

function dependenciesOf(containers: readonly Container[]): string | undefined {
  const dependent = containers.filter(({ dependsOn }) => dependsOn.length > 0);
  if (dependent.length === 0) return undefined;
  return JSON.stringify(Object.fromEntries(dependent.map(({ name, dependsOn }) => [name, dependsOn])));
}
