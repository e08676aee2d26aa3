import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type {
  CreateWorkerPoolOperationMetadataSchema,
  DeleteWorkerPoolOperationMetadataSchema,
  UpdateWorkerPoolOperationMetadataSchema,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { Operation } from "../../../gen/google/longrunning/operations_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Deps } from "../deps.ts";

type MetadataSchema =
  | typeof CreateWorkerPoolOperationMetadataSchema
  | typeof UpdateWorkerPoolOperationMetadataSchema
  | typeof DeleteWorkerPoolOperationMetadataSchema;

/** Writes the operation of a change of a worker pool, which is done in the same transaction. */
export async function finishedOperation<Schema extends DescMessage>(
  { operations, ids, clock }: Pick<Deps, "operations" | "ids" | "clock">,
  transaction: StoreTransaction,
  pool: string,
  metadataSchema: MetadataSchema,
  answer: { readonly schema: Schema; readonly response: MessageShape<Schema> },
): Promise<Operation> {
  const parent = pool.slice(0, pool.lastIndexOf("/workerPools/"));
  const name = `${parent}/operations/${ids.uuid()}`;
  const now = timestampFromMs(clock.nowMs());
  const metadata = { workerPool: pool, createTime: now, completeTime: now };
  await operations.create(transaction, { name, service: "cloudbuild", target: pool, metadataSchema, metadata });
  await operations.succeed(transaction, name, answer.schema, answer.response);
  return (await operations.get(name, transaction))!.operation;
}
