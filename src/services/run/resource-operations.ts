import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.js";
import type { StoreTransaction } from "../../platform/store/store.ts";
import { aborted, type ApiError } from "../../wire/errors.ts";
import type { RunContext } from "./context.ts";
import { lastSegment } from "./names.ts";

interface Named {
  readonly name: string;
}

/** Full name of an operation on a resource of a location or what is below it. */
export function operationNameOf(resourceName: string, id: string): string {
  return `${resourceName.split("/").slice(0, 4).join("/")}/operations/${id}`;
}

/** Starts the operation of a change; metadata and response are the resource. Google: operation_info in the protos. */
export function startOperation<Schema extends DescMessage>(
  { operations }: RunContext,
  transaction: StoreTransaction,
  id: string,
  metadataSchema: Schema,
  metadata: MessageShape<Schema> & Named,
): Promise<Operation> {
  const name = operationNameOf(metadata.name, id);
  return operations.create(transaction, { name, service: "run", target: metadata.name, metadataSchema, metadata });
}

/** The answer to validate_only: a finished operation that is not stored. */
export function validatedOperation<Schema extends DescMessage>(
  schema: Schema,
  resource: MessageShape<Schema> & Named,
  id: string,
): Operation {
  const response = anyPack(schema, resource);
  return create(OperationSchema, {
    name: operationNameOf(resource.name, id),
    metadata: response,
    done: true,
    result: { case: "response", value: response },
  });
}

/**
 * Finishes what was asked of a resource so far: an older change is part of the newer one, so all of them end alike.
 */
export async function finishOperations<Schema extends DescMessage>(
  { operations }: RunContext,
  transaction: StoreTransaction,
  schema: Schema,
  view: MessageShape<Schema> & Named,
  error: ApiError | undefined,
): Promise<void> {
  for (const { operation } of await operations.unfinishedOf(transaction, view.name)) {
    await operations.setMetadata(transaction, operation.name, schema, view);
    if (error) await operations.fail(transaction, operation.name, error);
    else await operations.succeed(transaction, operation.name, schema, view);
  }
}

/** Finishes the deletion of a resource, the operation with id `ownId`; those that it overtook are ABORTED. */
export async function finishDeleteOperations<Schema extends DescMessage>(
  { operations }: RunContext,
  transaction: StoreTransaction,
  schema: Schema,
  view: MessageShape<Schema> & Named,
  ownId: string,
): Promise<void> {
  const own = operationNameOf(view.name, ownId);
  for (const { operation } of await operations.unfinishedOf(transaction, view.name)) {
    if (operation.name === own) await operations.succeed(transaction, own, schema, view);
    else await operations.fail(transaction, operation.name, aborted(`${lastSegment(view.name)} was deleted.`));
  }
}
