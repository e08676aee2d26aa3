import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { OperationMetadataSchema } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import type { Operation } from "../../../gen/google/longrunning/operations_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { RegistryModel } from "../model.ts";

/** Writes an operation that is done already: what it stands for happens in the same transaction. */
export async function finishedOperation<Schema extends DescMessage>(
  { operations, ids }: Pick<RegistryModel, "operations" | "ids">,
  transaction: StoreTransaction,
  target: string,
  schema: Schema,
  response: MessageShape<Schema>,
): Promise<Operation> {
  const parent = target.split("/").slice(0, 4).join("/");
  const name = `${parent}/operations/${ids.uuid()}`;
  const metadataSchema = OperationMetadataSchema;
  await operations.create(transaction, { name, service: "artifactregistry", target, metadataSchema, metadata: {} });
  await operations.succeed(transaction, name, schema, response);
  return (await operations.get(name, transaction))!.operation;
}
