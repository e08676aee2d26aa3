import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ObjectSchema } from "../../../gen/google/storage/v2/storage_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import type { ContentStore } from "../../../platform/blobs/content-store.ts";
import type { ObjectStore, StoredObject } from "./store.ts";

export interface ReplaceDeps extends Pick<ServiceDeps, "clock"> {
  readonly objectStore: ObjectStore;
  readonly contentStore: ContentStore;
}

/** Takes a live generation out of its place: it becomes noncurrent in a versioned bucket and is deleted in any other. */
export async function replaceLive(
  deps: ReplaceDeps,
  transaction: StoreTransaction,
  bucket: string,
  live: StoredObject,
  versioned: boolean,
): Promise<void> {
  if (!versioned) return removeGeneration(deps, transaction, bucket, live);
  const object = create(ObjectSchema, { ...live.object, deleteTime: timestampFromMs(deps.clock.nowMs()) });
  await deps.objectStore.put(transaction, bucket, { ...live, object, live: false });
}

/** Deletes one generation for good. */
export async function removeGeneration(
  { objectStore, contentStore }: ReplaceDeps,
  transaction: StoreTransaction,
  bucket: string,
  { object, content }: StoredObject,
): Promise<void> {
  await objectStore.delete(transaction, bucket, object.name, object.generation);
  await contentStore.release(transaction, content);
}
