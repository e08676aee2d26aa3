import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { FunctionSchema, OperationMetadataSchema } from "../../gen/google/cloud/functions/v2/functions_pb.js";
import { ApiError } from "../../wire/errors.ts";
import type { Deps } from "./deps.ts";
import type { DeploymentFailure } from "./errors.ts";
import { metadataOf } from "./stages.ts";
import type { Deployment, StoredFunction } from "./stored-function.ts";

type SaveDeps = Pick<Deps, "store" | "functions" | "operations" | "clock" | "policies">;

/** Writes how far a deployment is, with its operation, in one transaction. */
export async function saveProgress(
  deps: SaveDeps,
  stored: StoredFunction,
  deployment: Deployment,
  changes: Partial<Pick<StoredFunction, "image" | "function">> = {},
): Promise<void> {
  const next = { ...stored, ...changes, deployment: { ...deployment, progressMs: deps.clock.nowMs() } };
  await deps.store.transact(async (transaction) => {
    await deps.functions.update(transaction, next);
    await deps.operations.setMetadata(
      transaction,
      deployment.operation,
      OperationMetadataSchema,
      metadataOf(next, next.deployment),
    );
  });
}

/** Ends a deployment: the function as it is now, and the operation with it or with the failure, in one transaction. */
export async function saveEnd(
  deps: SaveDeps,
  ended: StoredFunction,
  deployment: Deployment,
  failure?: DeploymentFailure,
): Promise<void> {
  const progress = failure ? deployment.step : "DONE";
  const metadata = metadataOf(ended, deployment, progress, deps.clock.nowMs());
  await deps.store.transact(async (transaction) => {
    await deps.functions.update(transaction, { ...ended, deployment: undefined });
    await deps.operations.setMetadata(transaction, deployment.operation, OperationMetadataSchema, metadata);
    if (failure)
      await deps.operations.fail(transaction, deployment.operation, new ApiError(failure.code, failure.message));
    else await deps.operations.succeed(transaction, deployment.operation, FunctionSchema, ended.function);
  });
}

/** Ends a deletion. */
export function saveDeleted(deps: SaveDeps, stored: StoredFunction, deployment: Deployment): Promise<void> {
  return saveGone(deps, stored, deployment, EmptySchema, create(EmptySchema));
}

/** Forgets a function and its policy, and ends the operation with this response, in one transaction. */
export async function saveGone<Schema extends DescMessage>(
  deps: SaveDeps,
  stored: StoredFunction,
  deployment: Deployment,
  responseSchema: Schema,
  response: MessageShape<Schema>,
): Promise<void> {
  const metadata = metadataOf(stored, deployment, "DONE", deps.clock.nowMs());
  await deps.store.transact(async (transaction) => {
    await deps.functions.delete(transaction, stored.name);
    await deps.policies.delete(transaction, stored.name);
    await deps.operations.setMetadata(transaction, deployment.operation, OperationMetadataSchema, metadata);
    await deps.operations.succeed(transaction, deployment.operation, responseSchema, response);
  });
}
