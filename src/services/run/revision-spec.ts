import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Container, Probe } from "../../gen/google/cloud/run/v2/k8s.min_pb.js";
import type { Revision } from "../../gen/google/cloud/run/v2/revision_pb.js";
import type { Service } from "../../gen/google/cloud/run/v2/service_pb.js";
import type { RevisionSpec } from "../../instances/serving.ts";
import type { ContainerSpec, ProbeSpec } from "../../instances/workload.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { parseRevisionName } from "./names.ts";
import { parseCpu, parseMemory } from "./quantities.ts";

/** What the serving floor runs for a revision that gets `percent` of its service's traffic. */
export function revisionSpecOf(service: Service, revision: Revision, percent: number): RevisionSpec {
  const { project, location, service: serviceId, revision: revisionId } = parseRevisionName(revision.name);
  const [container] = revision.containers as [Container];
  const [port] = container.ports;
  const { cpuIdle = true, startupCpuBoost = false } = container.resources ?? {};
  const timeoutSeconds = durationMs(revision.timeout!) / 1000;
  return {
    name: revision.name,
    project: { id: project, number: projectNumberOf(project) },
    location,
    service: serviceId,
    revision: revisionId,
    serviceAccountEmail: revision.serviceAccount,
    containers: [containerSpecOf(container)],
    volumes: [],
    contractEnv: {
      K_SERVICE: serviceId,
      K_REVISION: revisionId,
      K_CONFIGURATION: serviceId,
      CLOUD_RUN_TIMEOUT_SECONDS: String(timeoutSeconds),
    },
    port: { number: port!.containerPort, protocol: port!.name === "h2c" ? "h2c" : "http1" },
    cpuIdle,
    startupCpuBoost,
    concurrency: revision.maxInstanceRequestConcurrency,
    ...instanceCounts(service, revision, percent),
    timeoutSeconds,
    sessionAffinity: false,
    monitoredResource: {
      type: "cloud_run_revision",
      labels: {
        project_id: project,
        location,
        service_name: serviceId,
        revision_name: revisionId,
        configuration_name: serviceId,
      },
    },
    logLabels: logLabelsOf(service, revision),
  };
}

function containerSpecOf(container: Container): ContainerSpec {
  const { limits = {} } = container.resources ?? {};
  return {
    name: container.name,
    image: container.image,
    command: container.command,
    args: container.args,
    workingDir: container.workingDir,
    env: Object.fromEntries(container.env.map(({ name, values }) => [name, valueOf(values)])),
    secretEnv: {},
    limits: { memoryBytes: parseMemory(limits["memory"]!)!, cpus: parseCpu(limits["cpu"]!)! },
    mounts: [],
    dependsOn: [],
    ...(container.startupProbe && { startupProbe: probeSpecOf(container.startupProbe) }),
  };
}

/** Cloud Run puts the labels of service and revision onto log entries, but for those of Knative. */
function logLabelsOf(service: Service, revision: Revision): Record<string, string> {
  const labels = Object.entries({ ...service.labels, ...revision.labels });
  return Object.fromEntries(labels.filter(([key]) => !key.includes("/")));
}

/** Google: vendor_settings.proto, ServiceScaling: the service's counts are divided among revisions by percent. */
function instanceCounts({ scaling: total }: Service, { scaling: own }: Revision, percent: number) {
  const share = (count: number | undefined) => Math.ceil(((count ?? 0) * percent) / 100);
  const ownMax = own?.maxInstanceCount || Number.MAX_SAFE_INTEGER;
  const maxInstances = Math.min(ownMax, share(total?.maxInstanceCount) || ownMax);
  return {
    minInstances: Math.min(maxInstances, Math.max(own?.minInstanceCount ?? 0, share(total?.minInstanceCount))),
    maxInstances,
  };
}

function probeSpecOf(probe: Probe): ProbeSpec {
  const { initialDelaySeconds, timeoutSeconds, periodSeconds, failureThreshold } = probe;
  const times = { initialDelaySeconds, timeoutSeconds, periodSeconds, failureThreshold, successThreshold: 1 };
  return { ...probeTarget(probe), headers: [], ...times };
}

function probeTarget({ probeType }: Probe): Pick<ProbeSpec, "kind" | "port" | "path"> {
  if (probeType.case === "httpGet") return { kind: "http", port: probeType.value.port, path: probeType.value.path };
  if (probeType.case === "grpc") return { kind: "grpc", port: probeType.value.port, path: probeType.value.service };
  return { kind: "tcp", port: probeType.value!.port, path: "" };
}

function valueOf(values: Container["env"][number]["values"]): string {
  return values.case === "value" ? values.value : "";
}
