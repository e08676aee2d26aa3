import assert from "node:assert/strict";
import { create, createRegistry, toJson } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { TriggerSchema } from "../../src/gen/google/cloud/eventarc/v1/trigger_pb.js";
import {
  CreateFunctionRequestSchema,
  DeleteFunctionRequestSchema,
  DetachFunctionRequestSchema,
  file_google_cloud_functions_v2_functions,
  FunctionSchema,
  UpdateFunctionRequestSchema,
} from "../../src/gen/google/cloud/functions/v2/functions_pb.js";
import { type Deps, FUNCTION_KIND } from "../../src/services/cloudfunctions/deps.ts";
import { reconcileFunction } from "../../src/services/cloudfunctions/reconcile.ts";
import { createFunctionTable, migrations } from "../../src/services/cloudfunctions/store.ts";
import { createFunction } from "../../src/services/cloudfunctions/v2/createFunction.ts";
import type { Call } from "../../src/wire/call.ts";
import { ApiError } from "../../src/wire/errors.ts";
import { createPolicies, policyMigrations } from "../../src/wire/iam/policies.ts";
import { operationMigrations } from "../../src/wire/operations/migrations.ts";
import { createOperations } from "../../src/wire/operations/operations.ts";
import type { Rpc } from "../../src/wire/rpc.ts";
import type { CrashScenario } from "../recovery/crash-everywhere.ts";
import type { Process } from "../recovery/mortal-process.ts";
import { clientsOf, makeWorld, type World } from "./functions-world.ts";

/** Where the function of these tests lives. */
export const PARENT = "projects/demo/locations/us-central1";
/** Its full name. */
export const NAME = `${PARENT}/functions/hello`;
const CALL = { origin: "http://127.0.0.1", signal: new AbortController().signal } as Call;

/** What the service needs, in a process. */
export function depsOf(process: Process<World>): Deps {
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
export async function ask(rpc: Rpc, request: unknown): Promise<void> {
  await invoke(rpc, request).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
  });
}

/** A function as a client asks for it. */
export const wanted = {
  name: NAME,
  buildConfig: {
    runtime: "nodejs22",
    source: { source: { case: "storageSource", value: { bucket: "b", object: "o.zip" } } },
  },
} as const;
/** Requests for the function of these tests. */
export const createRequest = create(CreateFunctionRequestSchema, {
  parent: PARENT,
  functionId: "hello",
  function: wanted,
});
/** Asks for its source again. */
export const updateRequest = create(UpdateFunctionRequestSchema, {
  function: wanted,
  updateMask: { paths: ["build_config.source"] },
});
/** Asks for its end. */
export const deleteRequest = create(DeleteFunctionRequestSchema, { name: NAME });
/** Asks for its service to live on alone. */
export const detachRequest = create(DetachFunctionRequestSchema, { name: NAME });

/** A request that is answered, and worked on, wherever the process dies; `prepare` makes what is there before. */
export const scenario = (
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

/** What a client sees in the end, and what is left in the other services. */
export async function observe(process: Process<World>): Promise<unknown> {
  const { functions, operations } = depsOf(process);
  const stored = await functions.get(NAME);
  const all = await operations.list({ parent: PARENT, limit: 10 });
  const { services, builds, triggers, topics } = process.world;
  return {
    state: stored && withoutTimes(toJson(FunctionSchema, stored.function)),
    deployment: stored?.deployment,
    operations: all.map(({ operation }) => [operation.done, operation.result.case]),
    builds: builds.length,
    services: [...services.keys()],
    triggers: [...triggers.values()].map((trigger) => toJson(TriggerSchema, trigger)),
    topics: [...topics],
  };
}

/** A crash may take time and one more copy of the source. */
function withoutTimes(json: unknown): unknown {
  return JSON.parse(
    JSON.stringify(json, (key, value: unknown) => (/Time$|^generation$/.test(key) ? undefined : value)),
  );
}

/** The function, ACTIVE. */
export async function createAndFinish(deps: Deps): Promise<void> {
  await finish(deps, createRequest);
}

/** A function that is created and worked on to its end. */
export async function finish(deps: Deps, request: unknown): Promise<void> {
  await invoke(createFunction(deps), request);
  const outcome = await reconcileFunction(deps)(NAME, CALL.signal);
  assert.deepEqual(outcome, { settled: true });
}
