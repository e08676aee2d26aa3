import { fromJsonString, toJsonString } from "@bufbuild/protobuf";
import type { Kysely } from "kysely";
import { type Object$, ObjectSchema } from "../../../gen/google/storage/v2/storage_pb.js";
import type { Store, StoreTransaction } from "../../../platform/store/store.ts";

interface Tables {
  storage_objects: {
    bucket: string;
    name: string;
    generation: number;
    live: number;
    content: string;
    message: string;
  };
  storage_uploads: { content: string; result: string | null };
}

/** One generation of an object. `message.bucket` is the bucket's resource name. */
export interface StoredObject {
  readonly object: Object$;
  /** False for a generation that versioning keeps after it was replaced or deleted. */
  readonly live: boolean;
  /** Id of its bytes in the content store. */
  readonly content: string;
}

/** A place in the order of names and generations. */
export interface ObjectCursor {
  readonly name: string;
  /** Only generations above this one count for `name` itself; -1 for all. */
  readonly generation: number;
}

export interface ObjectQuery {
  readonly bucket: string;
  /** Everything behind this place. */
  readonly after: ObjectCursor;
  /** Only names below this one, in the order of their bytes. */
  readonly before?: string | undefined;
  /** Also generations that are not live. */
  readonly versions: boolean;
  readonly limit: number;
}

/** The rows of objects, one per generation. Names order by their bytes. */
export interface ObjectStore {
  /** The live generation, or the given one. */
  get(
    bucket: string,
    name: string,
    generation?: bigint,
    transaction?: StoreTransaction,
  ): Promise<StoredObject | undefined>;
  /** Writes a new generation or replaces the message and state of a present one. */
  put(transaction: StoreTransaction, bucket: string, row: StoredObject): Promise<void>;
  delete(transaction: StoreTransaction, bucket: string, name: string, generation: bigint): Promise<void>;
  /** The highest generation of this name that is kept; 0 for none. */
  highestGeneration(transaction: StoreTransaction, bucket: string, name: string): Promise<number>;
  list(query: ObjectQuery): Promise<StoredObject[]>;
  /** Whether a bucket holds any generation of any object. */
  anyIn(transaction: StoreTransaction, bucket: string): Promise<boolean>;
  /** Whether an object or an unfinished upload refers to a content. */
  refersTo(content: string): Promise<boolean>;
}

export function createObjectStore(store: Store): ObjectStore {
  const queries = (transaction?: StoreTransaction): Kysely<Tables> =>
    transaction ? transaction.as<Tables>() : store.read<Tables>();
  return {
    get: (bucket, name, generation, transaction) => get(queries(transaction), bucket, name, generation),
    async put(transaction, bucket, { object, live, content }) {
      const { name } = object;
      const changing = { live: live ? 1 : 0, content, message: toJsonString(ObjectSchema, object) };
      await queries(transaction)
        .insertInto("storage_objects")
        .values({ bucket, name, generation: Number(object.generation), ...changing })
        .onConflict((conflict) => conflict.columns(["bucket", "name", "generation"]).doUpdateSet(changing))
        .execute();
    },
    async delete(transaction, bucket, name, generation) {
      const rows = queries(transaction).deleteFrom("storage_objects").where("bucket", "=", bucket);
      await rows.where("name", "=", name).where("generation", "=", Number(generation)).execute();
    },
    async highestGeneration(transaction, bucket, name) {
      const rows = queries(transaction).selectFrom("storage_objects").select("generation");
      const mine = rows.where("bucket", "=", bucket).where("name", "=", name);
      return (await mine.orderBy("generation", "desc").limit(1).executeTakeFirst())?.generation ?? 0;
    },
    list: (query) => list(queries(), query),
    async anyIn(transaction, bucket) {
      const rows = queries(transaction).selectFrom("storage_objects").select("name").where("bucket", "=", bucket);
      return (await rows.limit(1).executeTakeFirst()) !== undefined;
    },
    async refersTo(content) {
      const objects = queries().selectFrom("storage_objects").select("content").where("content", "=", content);
      if (await objects.limit(1).executeTakeFirst()) return true;
      const uploads = queries().selectFrom("storage_uploads").select("content").where("content", "=", content);
      return (await uploads.where("result", "is", null).limit(1).executeTakeFirst()) !== undefined;
    },
  };
}

async function get(
  queries: Kysely<Tables>,
  bucket: string,
  name: string,
  generation: bigint | undefined,
): Promise<StoredObject | undefined> {
  const rows = queries.selectFrom("storage_objects").selectAll().where("bucket", "=", bucket).where("name", "=", name);
  const one = generation ? rows.where("generation", "=", Number(generation)) : rows.where("live", "=", 1);
  const row = await one.executeTakeFirst();
  return row && parse(row);
}

async function list(queries: Kysely<Tables>, query: ObjectQuery): Promise<StoredObject[]> {
  const { bucket, after, before, versions, limit } = query;
  let rows = queries
    .selectFrom("storage_objects")
    .selectAll()
    .where("bucket", "=", bucket)
    .where((columns) =>
      columns.or([
        columns("name", ">", after.name),
        columns.and([columns("name", "=", after.name), columns("generation", ">", after.generation)]),
      ]),
    )
    .where("name", ">=", after.name);
  if (before !== undefined) rows = rows.where("name", "<", before);
  if (!versions) rows = rows.where("live", "=", 1);
  return (await rows.orderBy("name").orderBy("generation").limit(limit).execute()).map(parse);
}

function parse(row: Tables["storage_objects"]): StoredObject {
  return { object: fromJsonString(ObjectSchema, row.message), live: row.live === 1, content: row.content };
}
