import assert from "node:assert/strict";
import { test } from "node:test";
import { create, createRegistry, type DescService, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { crashEverywhere, type CrashScenario } from "../../../tests/recovery/crash-everywhere.ts";
import type { Process } from "../../../tests/recovery/mortal-process.ts";
import {
  CreateFunctionRequestSchema,
  DeleteFunctionRequestSchema,
  DetachFunctionRequestSchema,
  file_google_cloud_functions_v2_functions,
  FunctionSchema,
  UpdateFunctionRequestSchema,
} from "../../gen/google/cloud/functions/v2/functions_pb.js";
import { Condition_State as ConditionState } from "../../gen/google/cloud/run/v2/condition_pb.js";
import { type Service, Services, ServiceSchema } from "../../gen/google/cloud/run/v2/service_pb.js";
import { ArtifactRegistry } from "../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import {
  type Build,
  Build_Status as BuildStatus,
  BuildSchema,
  CloudBuild,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { Operations } from "../../gen/google/longrunning/operations_pb.js";
import { Storage } from "../../gen/google/storage/v2/storage_pb.js";
import type { Call } from "../../wire/call.ts";
import { ApiError, alreadyExists, notFound } from "../../wire/errors.ts";
import { createPolicies, policyMigrations } from "../../wire/iam/policies.ts";
import type { Clients } from "../../wire/in-process/client.ts";
import { operationMigrations } from "../../wire/operations/migrations.ts";
import { createOperations } from "../../wire/operations/operations.ts";
import type { Rpc } from "../../wire/rpc.ts";
import { type Deps, FUNCTION_KIND } from "./deps.ts";
import { reconcileFunction } from "./reconcile.ts";
import { createFunctionTable, migrations } from "./store.ts";
import { createFunction } from "./v2/createFunction.ts";
import { deleteFunction } from "./v2/deleteFunction.ts";
import { detachFunction } from "./v2/detachFunction.ts";
import { updateFunction } from "./v2/updateFunction.ts";

const PARENT = "projects/demo/locations/us-central1";
const NAME = `${PARENT}/functions/hello`;
const CALL = { origin: "http://127.0.0.1", signal: new AbortController().signal } as Call;

/** What the other services keep. */
interface World {
  readonly builds: Build[];
  readonly services: Map<string, Service>;
  readonly repositories: Set<string>;
  sources: number;
  failingBuilds: boolean;
}

const makeWorld = (): World => ({
  builds: [],
  services: new Map(),
  repositories: new Set(),
  sources: 0,
  failingBuilds: false,
});

/** The other services as the reconciler sees them; each call is a place to die at. */
function clientsOf({ world, edges }: Process<World>): Clients {
  const done = async (name = "operation") => ({ name, done: true });
  const doubles = new Map<DescService, object>([
    [
      Storage,
      edges("storage", {
        getBucket: async () => ({}),
        rewriteObject: async () => ({ resource: { generation: BigInt(++world.sources) } }),
        listObjects: async () => ({ objects: [] }),
      }),
    ],
    [
      ArtifactRegistry,
      edges("artifactRegistry", {
        getRepository: async ({ name }: { name: string }) => required(world.repositories.has(name), name),
        createRepository: async ({ parent, repositoryId }: { parent: string; repositoryId: string }) => {
          const name = `${parent}/repositories/${repositoryId}`;
          if (world.repositories.has(name)) throw alreadyExists(name);
          world.repositories.add(name);
          return done();
        },
        deletePackage: async () => done(),
      }),
    ],
    [
      CloudBuild,
      edges("cloudBuild", {
        listBuilds: async ({ filter }: { filter: string }) => ({
          builds: world.builds.filter(({ tags }) => filter === `tags="${tags[0]}"`),
        }),
        createBuild: async ({ build }: { build: Build }) => {
          const id = `build-${world.builds.length + 1}`;
          world.builds.push(Object.assign(create(BuildSchema, resultOf(world)), { id, tags: build.tags }));
          return done(`${PARENT}/operations/${id}`);
        },
        getBuild: async ({ id }: { id: string }) => world.builds.find((build) => build.id === id),
      }),
    ],
    [
      Services,
      edges("services", {
        getService: async ({ name }: { name: string }) => required(world.services.get(name), name),
        createService: async ({ service, validateOnly }: ServiceRequest) => {
          if (!validateOnly) deploy(world, service);
          return done();
        },
        updateService: async ({ service, validateOnly }: ServiceRequest) => {
          if (!validateOnly) deploy(world, service);
          return done();
        },
        deleteService: async ({ name }: { name: string }) => {
          required(world.services.delete(name), name);
          return done();
        },
      }),
    ],
    [Operations, { waitOperation: async () => done() }],
  ]);
  return { of: (service) => doubles.get(service) as never };
}

interface ServiceRequest {
  readonly service: Service;
  readonly validateOnly?: boolean;
}

function resultOf({ failingBuilds }: World): MessageInitShape<typeof BuildSchema> {
  if (failingBuilds) return { status: BuildStatus.FAILURE, failureInfo: { detail: "no" } };
  return { status: BuildStatus.SUCCESS, results: { images: [{ digest: "sha256:1" }] } };
}

function deploy({ services }: World, service: Service): void {
  const state = ConditionState.CONDITION_SUCCEEDED;
  const ready = { terminalCondition: { state }, latestReadyRevision: "revisions/hello-1", uri: "https://hello" };
  services.set(service.name, create(ServiceSchema, { ...service, ...ready } as MessageInitShape<typeof ServiceSchema>));
}

function required<Value>(value: Value, name: string): NonNullable<Value> {
  if (!value) throw notFound(name);
  return value;
}

function depsOf(process: Process<World>): Deps {
  const { store, clock } = process;
  const registry = createRegistry(file_google_cloud_functions_v2_functions, EmptySchema);
  return {
    ...process,
    operations: createOperations({ store, clock, registry: () => registry }),
    policies: createPolicies(store),
    clients: clientsOf(process),
    urlSigner: { signUrl: () => Promise.reject(new Error("not signed here")) },
    runtimeVersionOf: async () => "",
    functions: createFunctionTable(store, () => clock.nowMs()),
  };
}

const invoke = (rpc: Rpc, request: unknown) => rpc.handle(request as never, CALL) as Promise<unknown>;

/** A client that takes 404 and 409 for the answer it missed when the server died. */
async function ask(rpc: Rpc, request: unknown): Promise<void> {
  await invoke(rpc, request).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
  });
}

const wanted = {
  name: NAME,
  buildConfig: {
    runtime: "nodejs22",
    source: { source: { case: "storageSource", value: { bucket: "b", object: "o.zip" } } },
  },
} as const;
const createRequest = create(CreateFunctionRequestSchema, { parent: PARENT, functionId: "hello", function: wanted });
const updateRequest = create(UpdateFunctionRequestSchema, {
  function: wanted,
  updateMask: { paths: ["build_config.source"] },
});
const deleteRequest = create(DeleteFunctionRequestSchema, { name: NAME });
const detachRequest = create(DetachFunctionRequestSchema, { name: NAME });

const scenario = (
  request: (deps: Deps) => Promise<void>,
  prepare?: (deps: Deps) => Promise<void>,
): CrashScenario<World> => ({
  makeWorld,
  async setUp(process) {
    await process.store.migrate("operations", operationMigrations);
    await process.store.migrate("iam", policyMigrations);
    await process.store.migrate("functions", migrations);
    await prepare?.(depsOf(process));
  },
  request: (process) => request(depsOf(process)),
  run: (process) => ({ [FUNCTION_KIND]: reconcileFunction(depsOf(process)) }),
  observe,
});

async function observe(process: Process<World>): Promise<unknown> {
  const { functions, operations } = depsOf(process);
  const stored = await functions.get(NAME);
  const all = await operations.list({ parent: PARENT, limit: 10 });
  const { services, builds } = process.world;
  return {
    state: stored && withoutTimes(toJson(FunctionSchema, stored.function)),
    deployment: stored?.deployment,
    operations: all.map(({ operation }) => [operation.done, operation.result.case]),
    builds: builds.length,
    services: [...services.keys()],
  };
}

/** A crash may take time and one more copy of the source. */
function withoutTimes(json: unknown): unknown {
  return JSON.parse(
    JSON.stringify(json, (key, value: unknown) => (/Time$|^generation$/.test(key) ? undefined : value)),
  );
}

async function createAndFinish(deps: Deps): Promise<void> {
  await invoke(createFunction(deps), createRequest);
  const outcome = await reconcileFunction(deps)(NAME, CALL.signal);
  assert.deepEqual(outcome, { settled: true });
}

test("creating a function ends the same wherever the process dies, with one build", async () => {
  const boundaries = await crashEverywhere(scenario((deps) => ask(createFunction(deps), createRequest)));
  for (const edge of ["cloudBuild.createBuild", "services.createService", "artifactRegistry.createRepository"])
    assert.ok(boundaries.includes(`after ${edge}`), edge);
});

test("updating and deleting end the same wherever the process dies", async () => {
  await crashEverywhere(scenario((deps) => ask(updateFunction(deps), updateRequest), createAndFinish));
  const boundaries = await crashEverywhere(
    scenario((deps) => ask(deleteFunction(deps), deleteRequest), createAndFinish),
  );
  assert.ok(boundaries.includes("after services.deleteService"));
});

test("detaching ends the same wherever the process dies, and leaves the service", async () => {
  const detach = scenario((deps) => ask(detachFunction(deps), detachRequest), createAndFinish);
  const boundaries = await crashEverywhere(detach);
  assert.ok(boundaries.includes("after services.updateService"));
});

test("a deployment that fails ends the same wherever the process dies", async () => {
  const failing = scenario((deps) => ask(createFunction(deps), createRequest));
  await crashEverywhere({ ...failing, makeWorld: () => ({ ...makeWorld(), failingBuilds: true }) });
});
