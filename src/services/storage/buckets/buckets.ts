import type { Bucket } from "../../../gen/google/storage/v2/storage_pb.js";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { checkConditions, checkReadConditions, type Conditions } from "../conditions.ts";
import { bucketExists, bucketNotEmpty, bucketNotFound } from "../errors.ts";
import type { ObjectStore } from "../objects/store.ts";
import { bucketName, changedBucket, newBucket } from "./bucket.ts";
import { defaultBucketPolicy } from "./default-policy.ts";
import type { BucketQuery, BucketStore } from "./store.ts";

/** Buckets as all faces see them; every method rejects with Cloud Storage's own errors. */
export interface Buckets {
  create(project: string, bucketId: string, asked: Bucket): Promise<Bucket>;
  get(bucketId: string, conditions?: Conditions): Promise<Bucket>;
  /** At most `limit` buckets of a project, by name. */
  list(query: BucketQuery): Promise<Bucket[]>;
  /** Replaces the settable fields by those that `change` makes of the present bucket. */
  update(bucketId: string, conditions: Conditions, change: (current: Bucket) => Bucket): Promise<Bucket>;
  /** Deletes an empty bucket and its IAM policy. */
  delete(bucketId: string, conditions?: Conditions): Promise<void>;
}

export interface BucketsDeps extends Pick<ServiceDeps, "store" | "clock" | "policies"> {
  readonly bucketStore: BucketStore;
  readonly objectStore: ObjectStore;
}

export function createBuckets({ store, clock, policies, bucketStore, objectStore }: BucketsDeps): Buckets {
  const existing = async (bucketId: string, transaction?: StoreTransaction) => {
    const row = await bucketStore.get(bucketId, transaction);
    if (!row) throw bucketNotFound();
    return row;
  };
  return {
    async create(project, bucketId, asked) {
      const bucket = newBucket(project, bucketId, asked, clock.nowMs());
      await store.transact(async (transaction) => {
        const present = await bucketStore.get(bucketId, transaction);
        if (present) throw bucketExists(present.project === project);
        await bucketStore.put(transaction, { project, bucket, notifications: [] });
        await policies.set(transaction, bucketName(bucketId), defaultBucketPolicy(project));
      });
      return bucket;
    },
    async get(bucketId, conditions = {}) {
      const { bucket } = await existing(bucketId);
      checkReadConditions(conditions, versionsOf(bucket));
      return bucket;
    },
    list: async (query) => (await bucketStore.list(query)).map(({ bucket }) => bucket),
    update: (bucketId, conditions, change) =>
      store.transact(async (transaction) => {
        const row = await existing(bucketId, transaction);
        checkConditions(conditions, versionsOf(row.bucket));
        const changed = changedBucket(row.bucket, change(row.bucket), clock.nowMs());
        await bucketStore.put(transaction, { ...row, bucket: changed });
        return changed;
      }),
    delete: (bucketId, conditions = {}) =>
      store.transact(async (transaction) => {
        const { bucket } = await existing(bucketId, transaction);
        checkConditions(conditions, versionsOf(bucket));
        if (await objectStore.anyIn(transaction, bucketId)) throw bucketNotEmpty();
        await bucketStore.delete(transaction, bucketId);
        await policies.delete(transaction, bucketName(bucketId));
      }),
  };
}

/** Buckets have no generation of their own, so conditions on one never hold for them by accident. */
function versionsOf({ metageneration }: Bucket) {
  return { generation: 0n, metageneration };
}
