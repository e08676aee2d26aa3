import { fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { type Bucket, BucketSchema } from "../../../gen/google/storage/v2/storage_pb.js";
import type { Store, StoreTransaction } from "../../../platform/store/store.ts";
import type { NotificationConfig } from "../notifications/config.ts";

interface Tables {
  storage_buckets: { name: string; project: string; message: string; notifications: string | null };
}

export interface StoredBucket {
  /** The id of the project, where the message has its number. */
  readonly project: string;
  readonly bucket: Bucket;
  /** In the order in which they were made. */
  readonly notifications: readonly NotificationConfig[];
}

export interface BucketQuery {
  readonly project: string;
  readonly prefix: string;
  /** The last bucket of the page before. */
  readonly after: string;
  readonly limit: number;
}

/** The rows of buckets, by bucket id. */
export interface BucketStore {
  get(bucketId: string, transaction?: StoreTransaction): Promise<StoredBucket | undefined>;
  /** Writes a new bucket or replaces what is kept of a present one. */
  put(transaction: StoreTransaction, row: StoredBucket): Promise<void>;
  delete(transaction: StoreTransaction, bucketId: string): Promise<void>;
  list(query: BucketQuery): Promise<StoredBucket[]>;
}

export function createBucketStore(store: Store): BucketStore {
  return {
    async get(bucketId, transaction) {
      const queries = transaction?.as<Tables>() ?? store.read<Tables>();
      const query = queries.selectFrom("storage_buckets").selectAll().where("name", "=", bucketId);
      const row = await query.executeTakeFirst();
      return row && parse(row);
    },
    async put(transaction, { project, bucket, notifications: configs }) {
      const message = toJsonString(BucketSchema, bucket);
      const notifications = configs.length > 0 ? JSON.stringify(configs) : null;
      await transaction
        .as<Tables>()
        .insertInto("storage_buckets")
        .values({ name: bucket.bucketId, project, message, notifications })
        .onConflict((conflict) => conflict.column("name").doUpdateSet({ message, notifications }))
        .execute();
    },
    async delete(transaction, bucketId) {
      await transaction.as<Tables>().deleteFrom("storage_buckets").where("name", "=", bucketId).execute();
    },
    async list({ project, prefix, after, limit }) {
      const query = store
        .read<Tables>()
        .selectFrom("storage_buckets")
        .selectAll()
        .where("project", "=", project)
        .where("name", ">", after)
        .where("name", ">=", prefix)
        // Bucket names are ASCII, so this is above every name with the prefix.
        .where("name", "<", `${prefix}\u007f`);
      return (await query.orderBy("name").limit(limit).execute()).map(parse);
    },
  };
}

function parse(row: Tables["storage_buckets"]): StoredBucket {
  const notifications = row.notifications === null ? [] : (JSON.parse(row.notifications) as NotificationConfig[]);
  return { project: row.project, bucket: fromJsonString(BucketSchema, row.message), notifications };
}
