import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { anyPack, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { OperationMetadataSchema } from "../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.js";
import type { Code } from "../../gen/google/rpc/code_pb.js";
import type { StoreTransaction } from "../../platform/store/store.ts";
import { ApiError } from "../../wire/errors.ts";
import type { Deps } from "./deps.ts";
import { parentOf } from "./names.ts";

/** What an operation is about. */
export interface OperationStart {
  readonly name: string;
  /** Full name of the resource. */
  readonly target: string;
  readonly verb: "create" | "update" | "delete";
  readonly startTimeMs: number;
}

/** Name of a new operation, as Google's: operation-TIME-... */
function newOperationName({ ids, clock }: Pick<Deps, "ids" | "clock">, target: string): string {
  const parts = [8, 8].map((length) => ids.text(length, "0123456789abcdef"));
  return `${parentOf(target)}/operations/operation-${clock.nowMs()}-${ids.text(13, "0123456789abcdef")}-${parts.join("-")}`;
}

/** Writes a new operation. */
export function startOperation(
  { operations }: Pick<Deps, "operations">,
  transaction: StoreTransaction,
  start: OperationStart,
): Promise<Operation> {
  const metadata = metadataOf(start);
  const { name, target } = start;
  return operations.create(transaction, {
    name,
    service: "eventarc",
    target,
    metadataSchema: OperationMetadataSchema,
    metadata,
  });
}

/** What work on a resource is followed by: an operation that has just begun. */
export function newStart(
  deps: Pick<Deps, "ids" | "clock">,
  target: string,
  verb: OperationStart["verb"],
): OperationStart {
  return { name: newOperationName(deps, target), target, verb, startTimeMs: deps.clock.nowMs() };
}

/** Ends an operation with a resource, or with what stands against it. */
export async function endOperation<Schema extends DescMessage>(
  { operations, clock }: Pick<Deps, "operations" | "clock">,
  transaction: StoreTransaction,
  start: OperationStart,
  result: OperationResult<Schema>,
): Promise<void> {
  const metadata = metadataOf(start, clock.nowMs());
  await operations.setMetadata(transaction, start.name, OperationMetadataSchema, metadata);
  if ("failure" in result) {
    const { code, message } = result.failure;
    await operations.fail(transaction, start.name, new ApiError(code, message));
  } else await operations.succeed(transaction, start.name, result.schema, result.message);
}

/** How an operation ends. */
export type OperationResult<Schema extends DescMessage> =
  | { readonly schema: Schema; readonly message: MessageShape<Schema> }
  | { readonly failure: { readonly code: Code; readonly message: string } };

/** Writes an operation that is done already: what it stands for happens in the same transaction. */
export async function finishedOperation<Schema extends DescMessage>(
  deps: Deps,
  transaction: StoreTransaction,
  start: OperationStart,
  schema: Schema,
  message: MessageShape<Schema>,
): Promise<Operation> {
  await startOperation(deps, transaction, start);
  await endOperation(deps, transaction, start, { schema, message });
  return (await deps.operations.get(start.name, transaction))!.operation;
}

/** An operation that is done and kept nowhere: what a request that is only to be validated is answered with. */
export function unstoredOperation<Schema extends DescMessage>(
  start: OperationStart,
  schema: Schema,
  message: MessageShape<Schema>,
): Operation {
  const metadata = create(OperationMetadataSchema, metadataOf(start, start.startTimeMs));
  return create(OperationSchema, {
    name: start.name,
    metadata: anyPack(OperationMetadataSchema, metadata),
    done: true,
    result: { case: "response", value: anyPack(schema, message) },
  });
}

/** What an operation says of itself; `endTimeMs` when it is over. */
function metadataOf({ target, verb, startTimeMs }: OperationStart, endTimeMs?: number) {
  return {
    createTime: timestampFromMs(startTimeMs),
    ...(endTimeMs !== undefined && { endTime: timestampFromMs(endTimeMs) }),
    target,
    verb,
    apiVersion: "v1",
  };
}
