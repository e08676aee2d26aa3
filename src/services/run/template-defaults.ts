import { clone, create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Container,
  ContainerPortSchema,
  ContainerSchema,
  type Probe,
  ProbeSchema,
  type ResourceRequirements,
  ResourceRequirementsSchema,
} from "../../gen/google/cloud/run/v2/k8s.min_pb.js";
import { type RevisionTemplate, RevisionTemplateSchema } from "../../gen/google/cloud/run/v2/revision_template_pb.js";
import { RevisionScalingSchema } from "../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import {
  DEFAULT_CONCURRENCY,
  DEFAULT_CPU,
  DEFAULT_MAX_INSTANCES,
  DEFAULT_MEMORY,
  DEFAULT_PORT,
  DEFAULT_PROBE_SECONDS,
  DEFAULT_TIMEOUT_SECONDS,
} from "./limits.ts";
import { parseCpu } from "./quantities.ts";

/** Google's defaults of probes other than the default startup probe. Google: k8s.min.proto, Probe. */
const PROBE = { timeoutSeconds: 1, periodSeconds: 10, failureThreshold: 3 };

/** The template with every default filled in that Cloud Run shows when it is read back. */
export function withTemplateDefaults(template: RevisionTemplate, project: string): RevisionTemplate {
  const result = clone(RevisionTemplateSchema, template);
  result.containers = result.containers.map(withContainerDefaults);
  result.timeout ??= durationFromMs(DEFAULT_TIMEOUT_SECONDS * 1000);
  result.serviceAccount ||= defaultServiceAccount(project);
  result.scaling ??= create(RevisionScalingSchema);
  result.scaling.maxInstanceCount ||= DEFAULT_MAX_INSTANCES;
  result.maxInstanceRequestConcurrency ||= defaultConcurrency(result.containers[0]);
  return result;
}

/** The service account of revisions that name none: the project's Compute Engine default service account. */
export function defaultServiceAccount(project: string): string {
  return `${projectNumberOf(project)}-compute@developer.gserviceaccount.com`;
}

/** Whether a probe is the one that Cloud Run sets when none is given, whatever its port. */
export function isDefaultStartupProbe(probe: Probe): boolean {
  return (
    probe.probeType.case === "tcpSocket" &&
    probe.initialDelaySeconds === 0 &&
    probe.timeoutSeconds === DEFAULT_PROBE_SECONDS &&
    probe.periodSeconds === DEFAULT_PROBE_SECONDS &&
    probe.failureThreshold === 1
  );
}

function withContainerDefaults(given: Container): Container {
  const container = clone(ContainerSchema, given);
  container.resources = withResourceDefaults(container.resources);
  if (container.ports.length === 0) container.ports = [create(ContainerPortSchema)];
  for (const port of container.ports) {
    port.name ||= "http1";
    port.containerPort ||= DEFAULT_PORT;
  }
  container.startupProbe = withProbeDefaults(container.startupProbe, container.ports[0]!.containerPort);
  return container;
}

/** Google: k8s.min.proto, ResourceRequirements.cpu_idle is true by default unless the message is given. */
function withResourceDefaults(given: ResourceRequirements | undefined): ResourceRequirements {
  const resources = given ?? create(ResourceRequirementsSchema, { cpuIdle: true });
  return { ...resources, limits: { cpu: DEFAULT_CPU, memory: DEFAULT_MEMORY, ...resources.limits } };
}

function withProbeDefaults(given: Probe | undefined, containerPort: number): Probe {
  if (given === undefined || isDefaultStartupProbe(given)) return defaultStartupProbe(containerPort);
  const probe = clone(ProbeSchema, given);
  probe.timeoutSeconds ||= PROBE.timeoutSeconds;
  probe.periodSeconds ||= PROBE.periodSeconds;
  probe.failureThreshold ||= PROBE.failureThreshold;
  if (probe.probeType.value) probe.probeType.value.port ||= containerPort;
  if (probe.probeType.case === "httpGet") probe.probeType.value.path ||= "/";
  return probe;
}

/** It follows the container's port, so that a template read back and sent with another port stays right. */
function defaultStartupProbe(port: number): Probe {
  return create(ProbeSchema, {
    timeoutSeconds: DEFAULT_PROBE_SECONDS,
    periodSeconds: DEFAULT_PROBE_SECONDS,
    failureThreshold: 1,
    probeType: { case: "tcpSocket", value: { port } },
  });
}

function defaultConcurrency(container: Container | undefined): number {
  const cpus = parseCpu(container?.resources?.limits["cpu"] ?? DEFAULT_CPU) ?? 1;
  return cpus < 1 ? 1 : DEFAULT_CONCURRENCY;
}
