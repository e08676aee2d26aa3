import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ObjectSchema } from "../../../gen/google/storage/v2/storage_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import type { ContentStore } from "../../../platform/blobs/content-store.ts";
import type { StoredBucket } from "../buckets/store.ts";
import type { ObjectEvents } from "../notifications/object-events.ts";
import type { ObjectStore, StoredObject } from "./store.ts";

export interface ReplaceDeps extends Pick<ServiceDeps, "clock"> {
  readonly events: ObjectEvents;
  readonly objectStore: ObjectStore;
  readonly contentStore: ContentStore;
}

/**
 * Takes a live generation out of its place, for another one if that is given: it becomes noncurrent in a versioned bucket
 * and is deleted in any other.
 */
export async function replaceLive(
  deps: ReplaceDeps,
  transaction: StoreTransaction,
  row: StoredBucket,
  live: StoredObject,
  overwrittenBy?: bigint,
): Promise<void> {
  if (!row.bucket.versioning?.enabled) return removeGeneration(deps, transaction, row, live, overwrittenBy);
  const object = create(ObjectSchema, { ...live.object, deleteTime: timestampFromMs(deps.clock.nowMs()) });
  await deps.objectStore.put(transaction, row.bucket.bucketId, { ...live, object, live: false });
  await deps.events.changed(transaction, row, { type: "OBJECT_ARCHIVE", object, overwrittenBy });
}

/** Deletes one generation for good. */
export async function removeGeneration(
  { objectStore, contentStore, events }: ReplaceDeps,
  transaction: StoreTransaction,
  row: StoredBucket,
  { object, content }: StoredObject,
  overwrittenBy?: bigint,
): Promise<void> {
  await objectStore.delete(transaction, row.bucket.bucketId, object.name, object.generation);
  await contentStore.release(transaction, content);
  await events.changed(transaction, row, { type: "OBJECT_DELETE", object, overwrittenBy });
}
