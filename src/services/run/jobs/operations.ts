import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { type Operation, OperationSchema } from "../../../gen/google/longrunning/operations_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { RunContext } from "../context.ts";

interface Named {
  readonly name: string;
}

/** Full name of an operation on a job or what is below it. */
export function operationNameOf(resourceName: string, id: string): string {
  return `${resourceName.split("/").slice(0, 4).join("/")}/operations/${id}`;
}

/** Starts the operation of a change; metadata and response are the resource. Google: job.proto, operation_info. */
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
