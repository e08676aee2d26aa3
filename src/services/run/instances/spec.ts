import type { Instance } from "../../../gen/google/cloud/run/v2/instance_pb.js";
import { IngressTraffic } from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import type { RevisionSpec, ServiceRoute } from "../../../instances/serving.ts";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { ingressOf } from "../services/deployments.ts";
import { MAX_CONCURRENCY, MAX_TIMEOUT_SECONDS } from "../limits.ts";
import { mainContainerOf } from "../templates/main-container.ts";
import { hostsOf } from "../urls.ts";
import { containerSpecsOf, volumeSpecsOf } from "../templates/workload-spec.ts";
import { isReachable, serviceNameFor } from "./instance.ts";
import { parseInstanceName } from "./names.ts";

/** What the serving floor runs for an instance whose images are known by digest: exactly one. */
export function instanceSpecOf(instance: Instance, onCompleted: () => void): RevisionSpec {
  const { project, location, instance: id } = parseInstanceName(instance.name);
  const containers = instance.containers.map((container, index) => ({
    ...container,
    image: instance.containerStatuses[index]!.imageDigest,
  }));
  const main = mainContainerOf(containers)!;
  const [port] = main.ports;
  return {
    name: instance.name,
    project: { id: project, number: projectNumberOf(project) },
    location,
    service: id,
    revision: id,
    serviceAccountEmail: instance.serviceAccount,
    containers: containerSpecsOf(containers, project),
    volumes: volumeSpecsOf(instance.volumes, project),
    contractEnv: { CLOUD_RUN_INSTANCE: id },
    ...(port && { port: { number: port.containerPort, protocol: port.name === "h2c" ? "h2c" : "http1" } as const }),
    cpuIdle: false,
    startupCpuBoost: main.resources?.startupCpuBoost ?? false,
    concurrency: MAX_CONCURRENCY,
    minInstances: 1,
    maxInstances: 1,
    timeoutSeconds: MAX_TIMEOUT_SECONDS,
    sessionAffinity: false,
    monitoredResource: { type: "cloud_run_instance", labels: { project_id: project, location, instance_name: id } },
    logLabels: Object.fromEntries(Object.entries(instance.labels).filter(([key]) => !key.includes("/"))),
    onCompleted,
  };
}

/** The route of an instance; undefined when no request reaches it. */
export function routeOf(instance: Instance): ServiceRoute | undefined {
  if (!isReachable(instance)) return undefined;
  return {
    service: instance.name,
    hosts: hostsOf(serviceNameFor(instance)),
    paths: [],
    traffic: [{ revision: instance.name, percent: 100 }],
    tags: {},
    ingress: ingressOf(instance.ingress ?? IngressTraffic.ALL),
    invokerIamChecked: !instance.invokerIamDisabled,
    audiences: [],
  };
}
