import type { Object$ } from "../../../gen/google/storage/v2/storage_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import type { BucketStore } from "../buckets/store.ts";
import { checkConditions, type Conditions } from "../conditions.ts";
import { bucketNotFound, objectNotFound } from "../errors.ts";
import { changedObject } from "./object.ts";
import { removeGeneration, type ReplaceDeps, replaceLive } from "./replace.ts";

export interface ChangeDeps extends ReplaceDeps, Pick<ServiceDeps, "store"> {
  readonly bucketStore: BucketStore;
}

/** Changing what is there; rejects with Cloud Storage's own errors. */
export interface ObjectChanger {
  /** Replaces the settable fields of the live or the given generation by those that `change` makes of it. */
  update(place: ObjectPlace, conditions: Conditions, change: (current: Object$) => Object$): Promise<Object$>;
  /** Deletes the live generation (a versioned bucket keeps it as a noncurrent one), or the given one for good. */
  delete(place: ObjectPlace, conditions: Conditions): Promise<void>;
  /** The same as a part of a transaction. */
  deleteIn(transaction: StoreTransaction, place: ObjectPlace, conditions: Conditions): Promise<void>;
}

export interface ObjectPlace {
  readonly bucket: string;
  readonly object: string;
  readonly generation?: bigint | undefined;
}

export function createObjectChanger(deps: ChangeDeps): ObjectChanger {
  const { store, clock, bucketStore, objectStore, events } = deps;
  return {
    update: ({ bucket, object: name, generation }, conditions, change) =>
      store.transact(async (transaction) => {
        const row = await bucketStore.get(bucket, transaction);
        if (!row) throw bucketNotFound();
        const stored = await objectStore.get(bucket, name, generation, transaction);
        if (!stored) throw objectNotFound(bucket, name);
        checkConditions(conditions, stored.object);
        const object = changedObject(stored.object, change(stored.object), clock.nowMs());
        await objectStore.put(transaction, bucket, { ...stored, object });
        await events.changed(transaction, row, { type: "OBJECT_METADATA_UPDATE", object });
        return object;
      }),
    delete: (place, conditions) => store.transact((transaction) => deleteIn(deps, transaction, place, conditions)),
    deleteIn: (transaction, place, conditions) => deleteIn(deps, transaction, place, conditions),
  };
}

async function deleteIn(
  deps: ChangeDeps,
  transaction: StoreTransaction,
  { bucket, object: name, generation }: ObjectPlace,
  conditions: Conditions,
): Promise<void> {
  const row = await deps.bucketStore.get(bucket, transaction);
  if (!row) throw bucketNotFound();
  const stored = await deps.objectStore.get(bucket, name, generation, transaction);
  if (!stored) throw objectNotFound(bucket, name);
  checkConditions(conditions, stored.object);
  if (generation) return removeGeneration(deps, transaction, row, stored);
  return replaceLive(deps, transaction, row, stored);
}
