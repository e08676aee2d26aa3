import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { Service } from "../../../gen/google/cloud/run/v2/service_pb.js";
import type { RevisionSpec } from "../../../instances/serving.ts";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { instanceCounts } from "../services/instance-counts.ts";
import { mainContainerOf } from "../templates/main-container.ts";
import { parseRevisionName } from "../names.ts";
import { containerSpecsOf, volumeSpecsOf } from "../templates/workload-spec.ts";

/** What the serving floor runs for a revision; `percents` shares out its service's traffic among revisions by short name. */
export function revisionSpecOf(
  service: Service,
  revision: Revision,
  percents: ReadonlyMap<string, number>,
): RevisionSpec {
  const { project, location, owner: serviceId, revision: revisionId } = parseRevisionName(revision.name);
  const main = mainContainerOf(revision.containers)!;
  const [port] = main.ports;
  const { cpuIdle = true, startupCpuBoost = false } = main.resources ?? {};
  const timeoutSeconds = durationMs(revision.timeout!) / 1000;
  return {
    name: revision.name,
    project: { id: project, number: projectNumberOf(project) },
    location,
    service: serviceId,
    revision: revisionId,
    serviceAccountEmail: revision.serviceAccount,
    containers: containerSpecsOf(revision.containers, project),
    volumes: volumeSpecsOf(revision.volumes, project),
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
    ...instanceCounts(service, revision, percents),
    timeoutSeconds,
    sessionAffinity: revision.sessionAffinity,
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

/** Cloud Run puts the labels of service and revision onto log entries, but for those of Knative. */
function logLabelsOf(service: Service, revision: Revision): Record<string, string> {
  const labels = Object.entries({ ...service.labels, ...revision.labels });
  return Object.fromEntries(labels.filter(([key]) => !key.includes("/")));
}
