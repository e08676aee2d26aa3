import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { WorkerPool } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import type { RevisionSpec } from "../../../instances/serving.ts";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { MAX_TIMEOUT_SECONDS } from "../limits.ts";
import { mainContainerOf } from "../templates/main-container.ts";
import { parseRevisionName } from "../names.ts";
import { containerSpecsOf, volumeSpecsOf } from "../templates/workload-spec.ts";

/** What the serving floor runs for a revision of a worker pool: as many instances as `count`, which get no requests. */
export function workerSpecOf(pool: WorkerPool, revision: Revision, count: number): RevisionSpec {
  const { project, location, owner, revision: revisionId } = parseRevisionName(revision.name);
  return {
    name: revision.name,
    project: { id: project, number: projectNumberOf(project) },
    location,
    service: owner,
    revision: revisionId,
    serviceAccountEmail: revision.serviceAccount,
    containers: containerSpecsOf(revision.containers, project),
    volumes: volumeSpecsOf(revision.volumes, project),
    // Google: container runtime contract, environment variables for worker pools.
    contractEnv: { CLOUD_RUN_WORKER_POOL: owner, CLOUD_RUN_WORKER_POOL_REVISION: revisionId },
    cpuIdle: false,
    startupCpuBoost: mainContainerOf(revision.containers)?.resources?.startupCpuBoost ?? false,
    concurrency: 1,
    minInstances: count,
    maxInstances: count,
    timeoutSeconds: MAX_TIMEOUT_SECONDS,
    sessionAffinity: false,
    monitoredResource: {
      type: "cloud_run_worker_pool",
      labels: { project_id: project, location, worker_pool_name: owner, revision_name: revisionId },
    },
    logLabels: ownLabels({ ...pool.labels, ...revision.labels }),
  };
}

/** Labels of the client's own, which have no namespace. */
function ownLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !key.includes("/")));
}
