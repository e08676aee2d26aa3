import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { type Service, ServiceSchema } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { type Operation, OperationSchema } from "../../../gen/google/longrunning/operations_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { ApiError } from "../../../wire/errors.ts";
import type { RunContext } from "../context.ts";
import { formatLocationName, parseServiceName } from "../names.ts";

/** Full name of an operation on a service. */
export function operationNameOf(serviceName: string, id: string): string {
  return `${formatLocationName(parseServiceName(serviceName))}/operations/${id}`;
}

/** Starts the operation of a change; metadata and response are the Service. Google: service.proto, operation_info. */
export function startOperation(
  { operations }: RunContext,
  transaction: StoreTransaction,
  id: string,
  metadata: Service,
): Promise<Operation> {
  const name = operationNameOf(metadata.name, id);
  return operations.create(transaction, {
    name,
    service: "run",
    target: metadata.name,
    metadataSchema: ServiceSchema,
    metadata,
  });
}

/** The answer to validate_only: a finished operation that is not stored. */
export function validatedOperation(service: Service, id: string): Operation {
  const response = anyPack(ServiceSchema, service);
  return create(OperationSchema, {
    name: operationNameOf(service.name, id),
    metadata: response,
    done: true,
    result: { case: "response", value: response },
  });
}

/**
 * Finishes what was asked of a service so far: an older change is part of the newer one, so all of them end alike.
 */
export async function finishOperations(
  { operations }: RunContext,
  transaction: StoreTransaction,
  service: Service,
  error: ApiError | undefined,
): Promise<void> {
  for (const { operation } of await operations.unfinishedOf(transaction, service.name)) {
    await operations.setMetadata(transaction, operation.name, ServiceSchema, service);
    if (error) await operations.fail(transaction, operation.name, error);
    else await operations.succeed(transaction, operation.name, ServiceSchema, service);
  }
}
