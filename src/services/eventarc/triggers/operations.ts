import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { OperationMetadataSchema } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import type { Operation } from "../../../gen/google/longrunning/operations_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Deps } from "../deps.ts";
import { parentOf } from "../names.ts";

/** What an operation is about. */
export interface OperationStart {
  readonly name: string;
  /** Full name of the resource. */
  readonly target: string;
  readonly verb: "create" | "update" | "delete";
  readonly startTimeMs: number;
}

/** Name of a new operation, as Google's: operation-TIME-... */
export function newOperationName({ ids, clock }: Pick<Deps, "ids" | "clock">, target: string): string {
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

/** What an operation says of itself; `endTimeMs` when it is over. */
export function metadataOf({ target, verb, startTimeMs }: OperationStart, endTimeMs?: number) {
  return {
    createTime: timestampFromMs(startTimeMs),
    ...(endTimeMs !== undefined && { endTime: timestampFromMs(endTimeMs) }),
    target,
    verb,
    apiVersion: "v1",
  };
}
