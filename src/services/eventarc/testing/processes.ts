import { createRegistry } from "@bufbuild/protobuf";
import type { Process } from "../../../../tests/recovery/mortal-process.ts";
import { file_google_cloud_eventarc_v1_eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import type { Call } from "../../../wire/call.ts";
import { ApiError } from "../../../wire/errors.ts";
import { createPolicies, policyMigrations } from "../../../wire/iam/policies.ts";
import { operationMigrations } from "../../../wire/operations/migrations.ts";
import { createOperations } from "../../../wire/operations/operations.ts";
import type { Rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { createTables, migrations } from "../store.ts";
import { clientsOf, fetchOf, type World } from "./world.ts";

/** Where the resources of these tests live. */
export const PARENT = "projects/demo/locations/us-central1";
/** A call of the machine's owner. */
export const CALL = { principal: { kind: "owner" }, signal: new AbortController().signal } as unknown as Call;

/** What the service needs, in a process. */
export function depsOf(process: Process<World>): Deps {
  const { store, clock } = process;
  const file = file_google_cloud_eventarc_v1_eventarc;
  const registry = createRegistry(file, ...file.dependencies);
  return {
    ...process,
    ...createTables(store),
    operations: createOperations({ store, clock, registry: () => registry }),
    policies: createPolicies(store),
    projects: { idOf: (id: string) => id, remember: async () => {} } as Partial<Deps["projects"]> as Deps["projects"],
    clients: clientsOf(process),
    fetchInProcess: fetchOf(process),
  } as Partial<Deps> as Deps;
}

/** Makes the tables. */
export async function migrate({ store }: Process<World>): Promise<void> {
  await store.migrate("operations", operationMigrations);
  await store.migrate("iam", policyMigrations);
  await store.migrate("eventarc", migrations);
}

/** A client that takes 404 and 409 for the answer it missed when the server died. */
export async function ask(rpc: Rpc, request: unknown): Promise<void> {
  await (rpc.handle(request as never, CALL) as Promise<unknown>).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
  });
}
