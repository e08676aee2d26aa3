import { clone, create } from "@bufbuild/protobuf";
import {
  type Container,
  ContainerPortSchema,
  ContainerSchema,
  EmptyDirVolumeSource_Medium,
  type EnvVar,
  type Probe,
  ProbeSchema,
  type ResourceRequirements,
  ResourceRequirementsSchema,
  type Volume,
  VolumeSchema,
} from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import { DEFAULT_CPU, DEFAULT_MEMORY, DEFAULT_PORT, DEFAULT_PROBE_SECONDS, DEFAULT_SECRET_MODE } from "../limits.ts";
import { mainContainerOf } from "./main-container.ts";

/** Google's defaults of probes other than the default startup probe. Google: k8s.min.proto, Probe. */
const PROBE = { timeoutSeconds: 1, periodSeconds: 10, failureThreshold: 3 };

/** Successes in a row after which an instance is ready again. Google: Cloud Run docs, readiness probes. */
const READINESS_SUCCESSES = 2;

/** Whose containers they are. */
export interface ContainerOwner {
  /** Short name of the service, job or worker pool. */
  readonly name: string;
  /** True: a container that is alone gets a port, and the one with a port a startup probe. */
  readonly servesRequests: boolean;
}

/** Containers with every default filled in that Cloud Run shows when they are read back. */
export function withContainersDefaults(
  containers: readonly Container[],
  { name, servesRequests }: ContainerOwner,
): Container[] {
  const isAlone = containers.length === 1;
  const main = mainContainerOf(containers);
  return containers.map((given, index) => {
    const container = clone(ContainerSchema, given);
    // Google names what has no name once it needs one: frontend-1.
    if (!isAlone) container.name ||= `${name}-${index + 1}`;
    container.resources = withResourceDefaults(container.resources);
    container.env = container.env.map(withVariableDefaults);
    withPortDefaults(container, servesRequests && isAlone);
    withProbesDefaults(container, servesRequests && given === main);
    return container;
  });
}

/** Volumes with every default filled in. */
export function withVolumesDefaults(volumes: readonly Volume[]): Volume[] {
  return volumes.map((given) => {
    const volume = clone(VolumeSchema, given);
    const { volumeType } = volume;
    if (volumeType.case === "emptyDir") volumeType.value.medium ||= EmptyDirVolumeSource_Medium.MEMORY;
    if (volumeType.case === "secret") volumeType.value.defaultMode ||= DEFAULT_SECRET_MODE;
    return volume;
  });
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

function withPortDefaults(container: Container, isNeeded: boolean): void {
  if (container.ports.length === 0 && isNeeded) container.ports = [create(ContainerPortSchema)];
  for (const port of container.ports) {
    port.name ||= "http1";
    port.containerPort ||= DEFAULT_PORT;
  }
}

function withProbesDefaults(container: Container, isMain: boolean): void {
  const { startupProbe, livenessProbe, readinessProbe } = container;
  const port = container.ports[0]?.containerPort ?? 0;
  // The default one follows the container's port, so that a template read back and sent with another port stays right.
  const isDefault = isMain && (!startupProbe || isDefaultStartupProbe(startupProbe));
  if (isDefault && port > 0) container.startupProbe = defaultStartupProbe(port);
  else if (startupProbe) container.startupProbe = withProbeDefaults(startupProbe, port);
  if (livenessProbe) container.livenessProbe = withProbeDefaults(livenessProbe, port);
  if (readinessProbe) container.readinessProbe = withReadinessDefaults(readinessProbe, port);
}

/** Google: k8s.min.proto, ResourceRequirements.cpu_idle is true by default unless the message is given. */
function withResourceDefaults(given: ResourceRequirements | undefined): ResourceRequirements {
  const resources = given ?? create(ResourceRequirementsSchema, { cpuIdle: true });
  return { ...resources, limits: { cpu: DEFAULT_CPU, memory: DEFAULT_MEMORY, ...resources.limits } };
}

function withVariableDefaults(variable: EnvVar): EnvVar {
  const { values } = variable;
  if (values.case === "valueSource" && values.value.secretKeyRef) values.value.secretKeyRef.version ||= "latest";
  return variable;
}

function withProbeDefaults(given: Probe, port: number): Probe {
  const probe = clone(ProbeSchema, given);
  probe.timeoutSeconds ||= PROBE.timeoutSeconds;
  probe.periodSeconds ||= PROBE.periodSeconds;
  probe.failureThreshold ||= PROBE.failureThreshold;
  if (probe.probeType.value) probe.probeType.value.port ||= port;
  if (probe.probeType.case === "httpGet") probe.probeType.value.path ||= "/";
  return probe;
}

function withReadinessDefaults(given: Probe, port: number): Probe {
  const probe = withProbeDefaults(given, port);
  probe.successThreshold ||= READINESS_SUCCESSES;
  return probe;
}

function defaultStartupProbe(port: number): Probe {
  return create(ProbeSchema, {
    timeoutSeconds: DEFAULT_PROBE_SECONDS,
    periodSeconds: DEFAULT_PROBE_SECONDS,
    failureThreshold: 1,
    probeType: { case: "tcpSocket", value: { port } },
  });
}
