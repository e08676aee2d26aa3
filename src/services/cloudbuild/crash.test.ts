import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { create, createRegistry, type DescService, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { zipOf } from "../../../tests/support/archives.ts";
import { attestationParts } from "../../../tests/support/attestations.ts";
import { crashEverywhere, type CrashScenario } from "../../../tests/recovery/crash-everywhere.ts";
import type { Process } from "../../../tests/recovery/mortal-process.ts";
import type { BuildStepsOutcome, BuildStepsRequest } from "../../build/steps/steps.ts";
import {
  Build_Status as Status,
  BuildSchema,
  CreateBuildRequestSchema,
  file_google_devtools_cloudbuild_v1_cloudbuild,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { LoggingServiceV2 } from "../../gen/google/logging/v2/logging_pb.js";
import { Storage } from "../../gen/google/storage/v2/storage_pb.js";
import { Grafeas, OccurrenceSchema } from "../../gen/grafeas/v1/grafeas_pb.js";
import type { Call } from "../../wire/call.ts";
import type { Clients } from "../../wire/in-process/client.ts";
import { operationMigrations } from "../../wire/operations/migrations.ts";
import { createOperations } from "../../wire/operations/operations.ts";
import { createProjects, projectMigrations } from "../../wire/projects/projects.ts";
import { buildOf } from "./build.ts";
import { BUILD_KIND, type Deps, PROVENANCE_KIND, SBOM_KIND } from "./deps.ts";
import { reconcileProvenance } from "./provenance/reconcile-provenance.ts";
import { reconcileSbom } from "./provenance/reconcile-sbom.ts";
import { reconcileBuild } from "./reconcile.ts";
import { createGit } from "./source/git/git.ts";
import { createBuildTable, migrations } from "./store.ts";
import { createTriggerSubscriptions } from "./triggers/subscriptions.ts";
import { createTriggerTable } from "./triggers/store.ts";
import { createWorkerPoolTable } from "./worker-pools/store.ts";
import { createBuild } from "./v1/createBuild.ts";

const PARENT = "projects/demo/locations/us-central1";
const IMAGE = "us-central1-docker.pkg.dev/demo/images/hello:v1";
const DIGEST = `sha256:${"1".repeat(64)}`;
/** Keys of the world that count the occurrences of a note. */
const NOTE = "note ";
const CALL = { origin: "http://127.0.0.1", signal: new AbortController().signal } as Call;
const ARCHIVE = await zipOf({ "index.js": "1" });
const FOLDER = mkdtempSync(join(tmpdir(), "homerun-build-crash-"));
after(() => rmSync(FOLDER, { recursive: true }));

/** The images that builds have pushed, by name, and the occurrences about them. */
type World = Map<string, string>;

function clientsOf({ edge, world }: Process<World>): Clients {
  const storage = {
    async *readObject() {
      await edge("storage.readObject", async () => {});
      yield { metadata: { generation: 7n }, checksummedData: { content: ARCHIVE } };
    },
  };
  const logging = { writeLogEntries: async () => ({}) };
  const doubles = new Map<DescService, object>([
    [Grafeas, grafeasOf({ edge, world })],
    [Storage, storage],
    [LoggingServiceV2, logging],
  ]);
  return { of: (service) => doubles.get(service) as never };
}

/** Container Analysis: occurrences by the name of their note. */
function grafeasOf({ edge, world }: Pick<Process<World>, "edge" | "world">) {
  const keyOf = (note: string): string => `${NOTE}${note}`;
  return {
    createNote: async () => ({}),
    async listNoteOccurrences({ name }: { name: string }) {
      const count = Number(world.get(keyOf(name)) ?? 0);
      return { occurrences: Array.from({ length: count }, () => create(OccurrenceSchema)) };
    },
    createOccurrence: ({ occurrence }: { occurrence: { noteName: string } }) =>
      edge("grafeas.createOccurrence", async () => {
        const key = keyOf(occurrence.noteName);
        world.set(key, String(Number(world.get(key) ?? 0) + 1));
        return create(OccurrenceSchema);
      }),
  };
}

function depsOf(process: Process<World>, outcome?: BuildStepsOutcome): Deps {
  const { store, clock, world } = process;
  const registry = createRegistry(file_google_devtools_cloudbuild_v1_cloudbuild);
  const builder = {
    async runBuildSteps({ images, steps, beforePush, id }: BuildStepsRequest): Promise<BuildStepsOutcome> {
      if (outcome) return outcome;
      const packed = steps.flatMap(({ pack }) => (pack?.command === "build" ? pack.names : []));
      await beforePush?.();
      for (const name of packed) world.set(name, DIGEST);
      // What other steps make is another thing each time.
      for (const name of images)
        await process.edge("push", async () => void world.set(`${name}@${process.ids.uuid()}`, id));
      const results = packed.map((name) => ({ name, digest: DIGEST }));
      return { status: "SUCCESS", images: results, steps: [] };
    },
    rebaseImage: () => Promise.reject(new Error("not called")),
    removeLeftovers: async () => {},
  } as unknown as Deps["builder"];
  return {
    ...process,
    operations: createOperations({ store, clock, registry: () => registry }),
    projects: createProjects(store, clock),
    clients: clientsOf(process),
    builder: process.edges("builder", builder),
    ...attestationParts(),
    builds: createBuildTable(store),
    triggers: createTriggerTable(store),
    workerPools: createWorkerPoolTable(store),
    buildEvents: { changed: async () => {} },
    triggerSubscriptions: createTriggerSubscriptions(store),
    git: createGit(clock),
    workFolder: FOLDER,
    host: { cpus: 2, memoryBytes: 2 ** 30 },
    parallelBuilds: 1,
    stopRunning: () => {},
  };
}

const source = { source: { case: "storageSource", value: { bucket: "sources", object: "o.zip" } } } as const;
const PACK_BUILD = { source, steps: [{ name: "gcr.io/k8s-skaffold/pack", args: ["build", IMAGE, "--publish"] }] };

const scenario = (
  outcome?: BuildStepsOutcome,
  build: MessageInitShape<typeof BuildSchema> = PACK_BUILD,
): CrashScenario<World> => ({
  makeWorld: () => new Map(),
  async setUp({ store }) {
    await store.migrate("operations", operationMigrations);
    await store.migrate("projects", projectMigrations);
    await store.migrate("builds", migrations);
  },
  async request(process) {
    const deps = depsOf(process, outcome);
    if ((await deps.builds.list({ parent: PARENT, limit: 1 })).length > 0) return;
    const request = create(CreateBuildRequestSchema, { parent: PARENT, build });
    await createBuild(deps).handle(request as never, CALL);
  },
  run: (process) => ({
    [BUILD_KIND]: reconcileBuild(depsOf(process, outcome), new Map()),
    [PROVENANCE_KIND]: reconcileProvenance(depsOf(process, outcome)),
    [SBOM_KIND]: reconcileSbom(depsOf(process, outcome)),
  }),
  observe,
});

function observeWorld(world: World) {
  const entries = [...world];
  const images = entries.filter(([name]) => !name.startsWith(NOTE));
  return { images, occurrences: entries.filter(([name]) => name.startsWith(NOTE)).map(([, count]) => count) };
}

async function observe(process: Process<World>): Promise<unknown> {
  const { builds, operations } = depsOf(process);
  const rows = await builds.list({ parent: PARENT, limit: 10 });
  const {
    timing: _timing,
    createTime: _createTime,
    startTime: _startTime,
    finishTime: _finishTime,
    ...build
  } = toJson(BuildSchema, buildOf(rows[0]!)) as Record<string, unknown>;
  const all = await operations.list({ parent: PARENT, limit: 10 });
  const ends = all.map(({ operation }) => [operation.done, operation.result.case]);
  return { count: rows.length, build, unfinished: rows[0]!.unfinished, ends, ...observeWorld(process.world) };
}

test("a build ends the same wherever the process dies, and leaves no folder", async () => {
  const boundaries = await crashEverywhere(scenario());
  for (const edge of ["after storage.readObject", "before builder.runBuildSteps", "after grafeas.createOccurrence"])
    assert.ok(boundaries.includes(edge), edge);
  assert.deepEqual(readdirSync(FOLDER), []);
});

test("a failing build ends the same wherever the process dies", async () => {
  const failure = { type: "USER_BUILD_STEP", message: "no", detail: "no" } as const;
  await crashEverywhere(scenario({ status: "FAILURE", failure, steps: [], images: [] }));
});

test("a graph of steps runs again, but pushes no second image beside a first one", async () => {
  const steps = [
    { name: "ubuntu", id: "a", args: ["true"] },
    { name: "ubuntu", id: "b", args: ["true"], waitFor: ["-"] },
    { name: "ubuntu", args: ["true"], waitFor: ["a", "b"] },
  ];
  const boundaries = await crashEverywhere({
    ...scenario(undefined, { source, steps, images: [IMAGE] }),
    async observe(process) {
      const rows = await depsOf(process).builds.list({ parent: PARENT, limit: 10 });
      const { status } = buildOf(rows[0]!);
      const pushes = process.world.size;
      const isOnce = status === Status.SUCCESS ? pushes === 1 : status === Status.INTERNAL_ERROR && pushes <= 1;
      return { count: rows.length, unfinished: rows[0]!.unfinished, isOnce };
    },
  });
  for (const edge of ["before push", "after push"]) assert.ok(boundaries.includes(edge), edge);
});
