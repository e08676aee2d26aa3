import type { Store, StoreTransaction } from "../../../platform/store/store.ts";

interface Tables {
  storage_uploads: UploadColumns;
}

interface UploadColumns {
  id: string;
  bucket: string;
  content: string;
  spec: string;
  result: string | null;
  create_time_ms: number;
}

/** A resumable upload session. */
export interface UploadRow {
  readonly id: string;
  readonly bucket: string;
  /** Id of the bytes received so far. */
  readonly content: string;
  /** What the session was started with, as text. */
  readonly spec: string;
  /** The generation it became, once finished. */
  readonly result: bigint | undefined;
  readonly createTimeMs: number;
}

/** The rows of resumable uploads. */
export interface UploadStore {
  get(id: string): Promise<UploadRow | undefined>;
  insert(transaction: StoreTransaction, row: Omit<UploadRow, "result">): Promise<void>;
  finish(transaction: StoreTransaction, id: string, generation: bigint): Promise<void>;
  /** The row that was deleted, if there was one. */
  delete(transaction: StoreTransaction, id: string): Promise<UploadRow | undefined>;
}

export function createUploadStore(store: Store): UploadStore {
  const read = async (id: string, transaction?: StoreTransaction) => {
    const queries = transaction?.as<Tables>() ?? store.read<Tables>();
    const row = await queries.selectFrom("storage_uploads").selectAll().where("id", "=", id).executeTakeFirst();
    return row && parse(row);
  };
  return {
    get: (id) => read(id),
    async insert(transaction, { id, bucket, content, spec, createTimeMs }) {
      const row = { id, bucket, content, spec, result: null, create_time_ms: createTimeMs };
      await transaction.as<Tables>().insertInto("storage_uploads").values(row).execute();
    },
    async finish(transaction, id, generation) {
      const update = transaction
        .as<Tables>()
        .updateTable("storage_uploads")
        .set({ result: String(generation) });
      await update.where("id", "=", id).execute();
    },
    async delete(transaction, id) {
      const row = await read(id, transaction);
      await transaction.as<Tables>().deleteFrom("storage_uploads").where("id", "=", id).execute();
      return row;
    },
  };
}

function parse(row: UploadColumns): UploadRow {
  const { create_time_ms, result, ...rest } = row;
  return { ...rest, result: result === null ? undefined : BigInt(result), createTimeMs: create_time_ms };
}
