import assert from "node:assert/strict";
import { test } from "node:test";
import { create, createRegistry, type MessageInitShape } from "@bufbuild/protobuf";
import { crashEverywhere } from "../../../../tests/recovery/crash-everywhere.ts";
import type { Process } from "../../../../tests/recovery/mortal-process.ts";
import {
  ApprovalResult_Decision as Decision,
  ApproveBuildRequestSchema,
  Build_Status as Status,
  BuildTriggerSchema,
  file_google_devtools_cloudbuild_v1_cloudbuild,
  ReceiveTriggerWebhookRequestSchema,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { Call } from "../../../wire/call.ts";
import { operationMigrations } from "../../../wire/operations/migrations.ts";
import { createOperations } from "../../../wire/operations/operations.ts";
import { createProjects, projectMigrations } from "../../../wire/projects/projects.ts";
import { buildOf } from "../build.ts";
import { BUILD_KIND, type Deps } from "../deps.ts";
import { createBuildTable, migrations } from "../store.ts";
import { approveBuild } from "../v1/approveBuild.ts";
import { receiveTriggerWebhook } from "../v1/receiveTriggerWebhook.ts";
import { createWorkerPoolTable, workerPoolMigrations } from "../worker-pools/store.ts";
import { createTriggerTable, triggerMigrations } from "./store.ts";
import { newTrigger, newTriggerRow } from "./trigger.ts";

const LOCATION = { project: "demo", location: "us-central1" };
const PARENT = "projects/demo/locations/us-central1";
const TRIGGER = `${PARENT}/triggers/t-1`;
const CALL = {
  origin: "http://127.0.0.1",
  principal: { kind: "user", email: "ann@example.com" },
  signal: new AbortController().signal,
} as unknown as Call;
const trigger: MessageInitShape<typeof BuildTriggerSchema> = {
  pubsubConfig: { topic: "projects/demo/topics/t" },
  approvalConfig: { approvalRequired: true },
  buildTemplate: { case: "build", value: { steps: [{ name: "gcr.io/k8s-skaffold/pack", args: ["build", "a"] }] } },
};

/** The builds that were taken up. */
type World = Set<string>;

function depsOf({ store, clock, ids, wakeups, log }: Process<World>): Deps {
  const registry = createRegistry(file_google_devtools_cloudbuild_v1_cloudbuild);
  return {
    store,
    clock,
    ids,
    wakeups,
    log,
    operations: createOperations({ store, clock, registry: () => registry }),
    projects: createProjects(store, clock),
    builds: createBuildTable(store),
    triggers: createTriggerTable(store),
    workerPools: createWorkerPoolTable(store),
    buildEvents: { changed: async () => {} },
    parallelBuilds: 1,
    stopRunning: () => {},
  } as unknown as Deps;
}

/** What Pub/Sub does until it is answered, and then somebody who approves whatever waits. */
async function pushAndApprove(deps: Deps): Promise<void> {
  const data = Buffer.from(JSON.stringify({ message: { messageId: "42" } }));
  const push = create(ReceiveTriggerWebhookRequestSchema, { name: TRIGGER, body: { data } });
  await receiveTriggerWebhook(deps).handle(push as never, CALL);
  for (const row of await deps.builds.list({ parent: PARENT, limit: 10 })) {
    if (buildOf(row).status !== Status.PENDING) continue;
    const approval = { name: row.name, approvalResult: { decision: Decision.APPROVED } };
    await approveBuild(deps).handle(create(ApproveBuildRequestSchema, approval) as never, CALL);
  }
}

test("a message builds once and an approval counts once wherever the process dies", async () => {
  await crashEverywhere<World>({
    makeWorld: () => new Set(),
    async setUp(process) {
      const { store, clock } = process;
      await store.migrate("operations", operationMigrations);
      await store.migrate("projects", projectMigrations);
      await store.migrate("builds", [...migrations, ...triggerMigrations, ...workerPoolMigrations]);
      const row = newTriggerRow(newTrigger(create(BuildTriggerSchema, trigger), LOCATION, "t-1", clock.nowMs()), 0);
      await store.transact((transaction) => depsOf(process).triggers.insert(transaction, row));
    },
    request: (process) => pushAndApprove(depsOf(process)),
    run: ({ world }) => ({
      [BUILD_KIND]: async (name) => {
        world.add(name);
        return { settled: true };
      },
    }),
    async observe(process) {
      const { builds, operations } = depsOf(process);
      const rows = await builds.list({ parent: PARENT, limit: 10 });
      const all = await operations.list({ parent: PARENT, limit: 10 });
      assert.deepEqual([rows.length, all.length], [1, 1]);
      const { id, status, approval } = buildOf(rows[0]!);
      return { id, status, approver: approval?.result?.approverAccount, taken: [...process.world] };
    },
  });
});
