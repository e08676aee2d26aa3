import {
  type Container,
  EmptyDirVolumeSource_Medium,
  type EnvVar,
  type Probe,
  type Volume,
} from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import type { ContainerSpec, ProbeSpec, SecretVersionReference, VolumeSpec } from "../../../instances/workload.ts";
import { mainContainerOf } from "./main-container.ts";
import { parseCpu, parseMemory } from "./quantities.ts";
import { parseSecretName } from "../secrets/secret-name.ts";

/** What the serving floor runs for containers with defaults: the main one first. `project` owns unqualified secrets. */
export function containerSpecsOf(
  containers: readonly Container[],
  project: string,
): [ContainerSpec, ...ContainerSpec[]] {
  const main = mainContainerOf(containers)!;
  const sidecars = containers.filter((container) => container !== main);
  return [containerSpecOf(main, project), ...sidecars.map((container) => containerSpecOf(container, project))];
}

/** What the serving floor provides for volumes with defaults. */
export function volumeSpecsOf(volumes: readonly Volume[], project: string): VolumeSpec[] {
  return volumes.map((volume) => volumeSpecOf(volume, project));
}

/** The version of a secret that a template names; an unqualified name is one of `project`. */
export function secretReference(name: string, version: string, project: string): SecretVersionReference {
  const parsed = parseSecretName(name)!;
  return { project: parsed.project ?? project, secret: parsed.secret, version };
}

function containerSpecOf(container: Container, project: string): ContainerSpec {
  const { limits = {} } = container.resources ?? {};
  const { startupProbe, livenessProbe, readinessProbe } = container;
  return {
    name: container.name,
    image: container.image,
    command: container.command,
    args: container.args,
    workingDir: container.workingDir,
    ...variablesOf(container.env, project),
    limits: { memoryBytes: parseMemory(limits["memory"]!)!, cpus: parseCpu(limits["cpu"]!)! },
    mounts: container.volumeMounts.map(({ name, mountPath, subPath }) => ({
      volume: name,
      path: mountPath,
      ...(subPath !== "" && { subPath }),
    })),
    dependsOn: container.dependsOn,
    ...(startupProbe && { startupProbe: probeSpecOf(startupProbe) }),
    ...(livenessProbe && { livenessProbe: probeSpecOf(livenessProbe) }),
    ...(readinessProbe && { readinessProbe: probeSpecOf(readinessProbe) }),
  };
}

function variablesOf(variables: readonly EnvVar[], project: string): Pick<ContainerSpec, "env" | "secretEnv"> {
  const env: Record<string, string> = {};
  const secretEnv: Record<string, SecretVersionReference> = {};
  for (const { name, values } of variables) {
    const secret = values.case === "valueSource" ? values.value.secretKeyRef : undefined;
    if (secret) secretEnv[name] = secretReference(secret.secret, secret.version, project);
    else env[name] = values.case === "value" ? values.value : "";
  }
  return { env, secretEnv };
}

function probeSpecOf(probe: Probe): ProbeSpec {
  const { initialDelaySeconds, timeoutSeconds, periodSeconds, failureThreshold } = probe;
  const successThreshold = Math.max(1, probe.successThreshold);
  const times = { initialDelaySeconds, timeoutSeconds, periodSeconds, failureThreshold, successThreshold };
  return { ...probeTarget(probe), ...times };
}

function probeTarget({ probeType }: Probe): Pick<ProbeSpec, "kind" | "port" | "path" | "headers"> {
  if (probeType.case === "httpGet") {
    const { port, path, httpHeaders } = probeType.value;
    return { kind: "http", port, path, headers: httpHeaders.map(({ name, value }) => ({ name, value })) };
  }
  if (probeType.case === "grpc") {
    return { kind: "grpc", port: probeType.value.port, path: probeType.value.service, headers: [] };
  }
  return { kind: "tcp", port: probeType.value!.port, path: "", headers: [] };
}

function volumeSpecOf({ name, volumeType }: Volume, project: string): VolumeSpec {
  if (volumeType.case === "secret") {
    const { secret, items, defaultMode } = volumeType.value;
    const { version: _version, ...reference } = secretReference(secret, "latest", project);
    const files = items.map(({ path, version, mode }) => ({ path, version, ...(mode > 0 && { mode }) }));
    return { kind: "secret", name, ...reference, items: files, defaultMode };
  }
  if (volumeType.case === "gcs") {
    const { bucket, readOnly, mountOptions } = volumeType.value;
    return { kind: "bucket", name, bucket, readOnly, mountOptions };
  }
  if (volumeType.case !== "emptyDir") throw new Error(`the volume ${name} has no kind that is supported`);
  const { medium, sizeLimit } = volumeType.value;
  const sizeBytes = sizeLimit === "" ? undefined : parseMemory(sizeLimit);
  const kind = medium === EmptyDirVolumeSource_Medium.DISK ? "disk" : "memory";
  return { kind, name, ...(sizeBytes !== undefined && { sizeBytes }) };
}
