import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import type { Operation } from "../../gen/google/longrunning/operations_pb.js";
import type { StoreTransaction } from "../../platform/store/store.ts";
import type { Deps } from "./deps.ts";

/** The operation of a deletion that is already done. */
export async function finishedDeletion<Schema extends DescMessage>(
  { operations, ids }: Deps,
  transaction: StoreTransaction,
  target: string,
  metadataSchema: Schema,
  metadata: MessageInitShape<Schema>,
): Promise<Operation> {
  const name = `${target.split("/").slice(0, 4).join("/")}/operations/${ids.uuid()}`;
  await operations.create(transaction, { name, service: "cloudkms", target, metadataSchema, metadata });
  await operations.succeed(transaction, name, EmptySchema, create(EmptySchema));
  return (await operations.get(name, transaction))!.operation;
}
