import { CloudBuild } from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import { parseBuildName } from "./build-name.ts";
import { auditSubjectOf } from "./audit-subject.ts";
import { cancel } from "./cancel.ts";
import { BUILD_KIND, type CloudBuildDeps, type Deps, PROVENANCE_KIND, SBOM_KIND } from "./deps.ts";
import { parallelBuildsOf } from "./machine.ts";
import { reconcileProvenance } from "./provenance/reconcile-provenance.ts";
import { reconcileSbom } from "./provenance/reconcile-sbom.ts";
import { reconcileBuild, type RunningBuilds } from "./reconcile.ts";
import { removeLeftovers } from "./remove-leftovers.ts";
import { createBuildTable, migrations } from "./store.ts";
import { createGit } from "./source/git/git.ts";
import type { Migration } from "../../platform/store/store.ts";
import { createOutbox } from "../../wire/outbox/outbox.ts";
import { outboxMigration } from "../../wire/outbox/store.ts";
import { createBuildEvents } from "./events/build-events.ts";
import { reconcileSubscription, SUBSCRIPTION_KIND } from "./triggers/reconcile-subscription.ts";
import { createTriggerSubscriptions, triggerSubscriptionMigrations } from "./triggers/subscriptions.ts";
import { createTriggerTable, triggerMigrations } from "./triggers/store.ts";
import { createWorkerPoolTable, workerPoolMigrations } from "./worker-pools/store.ts";
import { approveBuild } from "./v1/approveBuild.ts";
import { cancelBuild } from "./v1/cancelBuild.ts";
import { createBuild } from "./v1/createBuild.ts";
import { createBuildTrigger } from "./v1/createBuildTrigger.ts";
import { createWorkerPool } from "./v1/createWorkerPool.ts";
import { deleteBuildTrigger } from "./v1/deleteBuildTrigger.ts";
import { deleteWorkerPool } from "./v1/deleteWorkerPool.ts";
import { getBuild } from "./v1/getBuild.ts";
import { getBuildTrigger } from "./v1/getBuildTrigger.ts";
import { getDefaultServiceAccount } from "./v1/getDefaultServiceAccount.ts";
import { getWorkerPool } from "./v1/getWorkerPool.ts";
import { listBuilds } from "./v1/listBuilds.ts";
import { listBuildTriggers } from "./v1/listBuildTriggers.ts";
import { listWorkerPools } from "./v1/listWorkerPools.ts";
import { receiveTriggerWebhook } from "./v1/receiveTriggerWebhook.ts";
import { retryBuild } from "./v1/retryBuild.ts";
import { runBuildTrigger } from "./v1/runBuildTrigger.ts";
import { updateBuildTrigger } from "./v1/updateBuildTrigger.ts";
import { updateWorkerPool } from "./v1/updateWorkerPool.ts";

/** What is to be told of builds. */
const OUTBOX_TABLE = "cloudbuild_outbox";

const MIGRATIONS: readonly Migration[] = [
  ...migrations,
  ...triggerMigrations,
  ...workerPoolMigrations,
  ...triggerSubscriptionMigrations,
  outboxMigration("006-outbox", OUTBOX_TABLE),
];

/** cloudbuild.googleapis.com: builds of source into images. */
export function cloudbuild(given: CloudBuildDeps): ServiceModule {
  const running: RunningBuilds = new Map();
  const outbox = createOutbox(given, { table: OUTBOX_TABLE, kind: "cloudbuild.event", isOptional: true });
  const deps: Deps = {
    ...given,
    buildEvents: createBuildEvents(outbox),
    triggerSubscriptions: createTriggerSubscriptions(given.store),
    log: given.log.child({ subsystem: "cloudbuild" }),
    builds: createBuildTable(given.store),
    triggers: createTriggerTable(given.store),
    workerPools: createWorkerPoolTable(given.store),
    git: createGit(given.clock),
    parallelBuilds: given.parallelBuilds ?? parallelBuildsOf(given.host),
    stopRunning: (name) => running.get(name)?.abort(new Error("the build was cancelled")),
  };
  return {
    name: "cloudbuild",
    services: [CloudBuild],
    rpcs: [
      createBuild(deps),
      getBuild(deps),
      listBuilds(deps),
      cancelBuild(deps),
      retryBuild(deps),
      approveBuild(deps),
      getDefaultServiceAccount(),
      createBuildTrigger(deps),
      getBuildTrigger(deps),
      listBuildTriggers(deps),
      updateBuildTrigger(deps),
      deleteBuildTrigger(deps),
      runBuildTrigger(deps),
      receiveTriggerWebhook(deps),
      createWorkerPool(deps),
      getWorkerPool(deps),
      listWorkerPools(deps),
      updateWorkerPool(deps),
      deleteWorkerPool(deps),
    ],
    mixinVersions: ["v1"],
    auditSubject: auditSubjectOf(given.projects),
    migrations: MIGRATIONS,
    reconcilers: {
      [BUILD_KIND]: reconcileBuild(deps, running),
      [PROVENANCE_KIND]: reconcileProvenance(deps),
      [SBOM_KIND]: reconcileSbom(deps),
      [SUBSCRIPTION_KIND]: reconcileSubscription(deps),
      ...outbox.reconcilers,
    },
    scans: [{ kind: BUILD_KIND, keys: () => deps.builds.unfinishedNames() }],
    async cancelOperation(operation) {
      await cancel(deps, parseBuildName(operation));
    },
    start: () => removeLeftovers(deps),
    stop: outbox.stop,
  };
}
