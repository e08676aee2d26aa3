import { Builds } from "../../gen/google/cloud/run/v2/build_pb.js";
import { Executions } from "../../gen/google/cloud/run/v2/execution_pb.js";
import { Instances } from "../../gen/google/cloud/run/v2/instance_pb.js";
import { Jobs } from "../../gen/google/cloud/run/v2/job_pb.js";
import { Revisions } from "../../gen/google/cloud/run/v2/revision_pb.js";
import { Services } from "../../gen/google/cloud/run/v2/service_pb.js";
import { Tasks } from "../../gen/google/cloud/run/v2/task_pb.js";
import { WorkerPools } from "../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { file_google_devtools_cloudbuild_v1_cloudbuild } from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import { createAttempts } from "./attempts.ts";
import type { RunContext, RunDeps } from "./context.ts";
import { createChangeLog } from "./changes/change-log.ts";
import { createDeployments } from "./services/deployments.ts";
import { reconcileInstance } from "./instances/reconcile.ts";
import { redeclareInstances } from "./instances/redeclare.ts";
import { createInstanceStore } from "./instances/store.ts";
import { reconcileExecution } from "./jobs/reconcile-execution.ts";
import { reconcileJob } from "./jobs/reconcile-job.ts";
import { createJobStore } from "./jobs/store.ts";
import { runMigrations } from "./migrations.ts";
import { createPlacements } from "./placements.ts";
import { reconcileService } from "./services/reconcile.ts";
import { redeclareServices } from "./services/redeclare.ts";
import { createRunStore } from "./store.ts";
import { ALL_SERVICES, reconcileBaseImages } from "./services/update-base-images.ts";
import { knativeSurface } from "./v1/surface.ts";
import { createService } from "./v2/createService.ts";
import { deleteRevision } from "./v2/deleteRevision.ts";
import { deleteService } from "./v2/deleteService.ts";
import { getRevision } from "./v2/getRevision.ts";
import { getService } from "./v2/getService.ts";
import { iamRpcs } from "./v2/iam.ts";
import { instanceRpcs } from "./v2/instances/rpcs.ts";
import { jobRpcs } from "./v2/jobs/rpcs.ts";
import { listRevisions } from "./v2/listRevisions.ts";
import { listServices } from "./v2/listServices.ts";
import { submitBuild } from "./v2/submitBuild.ts";
import { updateService } from "./v2/updateService.ts";
import { workerPoolRpcs } from "./v2/worker-pools/rpcs.ts";
import { reconcileWorkerPool } from "./worker-pools/reconcile.ts";
import { redeclareWorkerPools } from "./worker-pools/redeclare.ts";
import { createWorkerPoolStore } from "./worker-pools/store.ts";

export type { RunDeps } from "./context.ts";

/** Wake-ups that look for newer base images. */
const BASE_IMAGES = "run.baseImages";
/** Executions that run at the same time; each is looked at for as long as it lasts. */
const PARALLEL_EXECUTIONS = 10_000;

/** run.googleapis.com: services and worker pools with their revisions, instances, jobs and executions, by run v2 and by the Knative surface of v1. */
export function run(deps: RunDeps): ServiceModule {
  const context = contextOf(deps);
  return {
    name: "run",
    services: [Services, Revisions, Jobs, Executions, Tasks, WorkerPools, Instances, Builds],
    rpcs: [
      createService(context),
      getService(context),
      listServices(context),
      updateService(context),
      deleteService(context),
      ...iamRpcs(context),
      getRevision(context),
      listRevisions(context),
      deleteRevision(context),
      ...jobRpcs(context),
      ...workerPoolRpcs(context),
      ...instanceRpcs(context),
      submitBuild(context),
    ],
    anyTypes: [file_google_devtools_cloudbuild_v1_cloudbuild],
    mixinVersions: ["v2"],
    surfaces: [knativeSurface(context)],
    migrations: runMigrations,
    reconcilers: {
      "run.service": reconcileService(context),
      "run.workerPool": reconcileWorkerPool(context),
      "run.instance": reconcileInstance(context),
      "run.job": reconcileJob(context),
      "run.execution": reconcileExecution(context),
      [BASE_IMAGES]: reconcileBaseImages(context),
    },
    parallelRuns: { "run.execution": PARALLEL_EXECUTIONS },
    scans: [
      { kind: "run.service", keys: () => context.rows.unfinishedServices() },
      { kind: "run.workerPool", keys: () => context.workerPools.unfinished() },
      { kind: "run.instance", keys: () => context.instances.unfinished() },
      { kind: "run.job", keys: () => context.jobs.unfinishedJobs() },
      { kind: "run.execution", keys: () => context.jobs.unfinishedExecutions() },
    ],
    start: () => start(context),
  };
}

function contextOf(deps: RunDeps): RunContext {
  const log = deps.log.child({ subsystem: "run" });
  const changes = createChangeLog(deps.store);
  return {
    ...deps,
    log,
    rows: createRunStore(deps.store, changes),
    changes,
    jobs: createJobStore(deps.store, changes),
    workerPools: createWorkerPoolStore(deps.store, changes),
    instances: createInstanceStore(deps.store),
    attempts: createAttempts(),
    deployments: createDeployments(deps.serving, log),
    placements: createPlacements(deps.serving, log),
  };
}

async function start(context: RunContext): Promise<void> {
  await redeclareServices(context);
  await redeclareWorkerPools(context);
  await redeclareInstances(context);
  const { baseImages, wakeups, log } = context;
  // What was refreshed before the process ended, too.
  await wakeups.wakeNow(BASE_IMAGES, ALL_SERVICES);
  baseImages.onRefreshed(() => {
    wakeups.wakeNow(BASE_IMAGES, ALL_SERVICES).catch((error: unknown) => {
      log.error("services are not told of newer base images", { error });
    });
  });
}
