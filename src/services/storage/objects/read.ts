import type { Readable } from "node:stream";
import type { Object$ } from "../../../gen/google/storage/v2/storage_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { BucketStore } from "../buckets/store.ts";
import { checkConditions, checkReadConditions, type Conditions } from "../conditions.ts";
import type { ContentStore } from "../../../platform/blobs/content-store.ts";
import { bucketNotFound, objectNotFound } from "../errors.ts";
import { type ListOptions, listObjects, type ObjectPage } from "./list.ts";
import type { ObjectStore, StoredObject } from "./store.ts";

export interface ReadDeps {
  readonly bucketStore: BucketStore;
  readonly objectStore: ObjectStore;
  readonly contentStore: ContentStore;
}

/** Reading objects; rejects with Cloud Storage's own errors. */
export interface ObjectReader {
  /** The live generation, or the given one. */
  get(bucket: string, name: string, generation?: bigint, conditions?: Conditions): Promise<StoredObject>;
  /** The same as a source of a write, whose failed conditions are failures of any kind. */
  forWrite(
    bucket: string,
    name: string,
    generation: bigint | undefined,
    conditions: Conditions,
    transaction?: StoreTransaction,
  ): Promise<StoredObject>;
  /** The bytes from `start` to `end`, both inclusive. */
  open(stored: StoredObject, range?: { readonly start: number; readonly end: number }): Promise<Readable>;
  list(options: ListOptions): Promise<ObjectPage>;
}

export function createObjectReader({ bucketStore, objectStore, contentStore }: ReadDeps): ObjectReader {
  const find = async (bucket: string, name: string, generation?: bigint, transaction?: StoreTransaction) => {
    const stored = await objectStore.get(bucket, name, generation, transaction);
    if (stored) return stored;
    throw (await bucketStore.get(bucket, transaction)) ? objectNotFound(bucket, name) : bucketNotFound();
  };
  return {
    async get(bucket, name, generation, conditions = {}) {
      const stored = await find(bucket, name, generation);
      checkReadConditions(conditions, stored.object);
      return stored;
    },
    async forWrite(bucket, name, generation, conditions, transaction) {
      const stored = await find(bucket, name, generation, transaction);
      checkConditions(conditions, stored.object);
      return stored;
    },
    open: ({ content }, range) => contentStore.open(content, range),
    async list(options) {
      if (!(await bucketStore.get(options.bucket))) throw bucketNotFound();
      return listObjects(objectStore, options);
    },
  };
}

/** Size of an object's content, bytes. */
export function sizeOf(object: Object$): number {
  return Number(object.size);
}
