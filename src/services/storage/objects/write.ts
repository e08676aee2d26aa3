import type { Object$ } from "../../../gen/google/storage/v2/storage_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import type { BucketStore } from "../buckets/store.ts";
import { checkConditions, type Conditions } from "../conditions.ts";
import { crc32cToBase64, type ExpectedChecksums, putHashed } from "../content/content-hash.ts";
import type { ContentStore } from "../../../platform/blobs/content-store.ts";
import { bucketNotFound, checksumMismatch } from "../errors.ts";
import type { ObjectEvents } from "../notifications/object-events.ts";
import { checkObject, newObject, type ObjectContent } from "./object.ts";
import { replaceLive } from "./replace.ts";
import type { ObjectStore } from "./store.ts";

export interface WriteDeps extends Pick<ServiceDeps, "store" | "clock"> {
  readonly bucketStore: BucketStore;
  readonly objectStore: ObjectStore;
  readonly contentStore: ContentStore;
  readonly events: ObjectEvents;
}

/** A new generation of an object. */
export interface WriteRequest {
  readonly bucket: string;
  /** The name and the settable fields. */
  readonly resource: Object$;
  readonly conditions: Conditions;
  readonly checksums: ExpectedChecksums;
}

/** Content that is stored already, by its id. */
export interface CommittedContent extends ObjectContent {
  readonly content: string;
}

/** Content that another object has, looked up in the transaction of the write. */
export type ContentIn = (transaction: StoreTransaction) => Promise<CommittedContent>;

/** Writing objects; rejects with Cloud Storage's own errors. */
export interface ObjectWriter {
  /** Rejects a write that could not succeed now, before its content is read. */
  check(request: WriteRequest): Promise<void>;
  /** Stores the content and makes it the live generation. */
  put(request: WriteRequest, content: AsyncIterable<Uint8Array>): Promise<Object$>;
  /** Makes stored content the live generation; `also` runs in the same transaction. New content is released when it fails. */
  commit(
    request: WriteRequest,
    content: CommittedContent | ContentIn,
    also?: (transaction: StoreTransaction, object: Object$) => Promise<void>,
  ): Promise<Object$>;
}

export function createObjectWriter(deps: WriteDeps): ObjectWriter {
  const { store, contentStore } = deps;
  const check: ObjectWriter["check"] = async ({ bucket, resource, conditions }) => {
    checkObject(resource);
    if (!(await deps.bucketStore.get(bucket))) throw bucketNotFound();
    const live = await deps.objectStore.get(bucket, resource.name);
    checkConditions(conditions, live?.object);
  };
  const commit: ObjectWriter["commit"] = async (request, content, also) => {
    try {
      return await store.transact(async (transaction) => {
        const present = typeof content === "function" ? await content(transaction) : content;
        checkChecksums(request.checksums, present);
        const object = await insert(deps, transaction, request, present);
        await also?.(transaction, object);
        return object;
      });
    } catch (error) {
      if (typeof content !== "function") await release(content);
      throw error;
    }
  };
  const release = ({ content }: CommittedContent) =>
    store.transact((transaction) => contentStore.release(transaction, content));
  return {
    check,
    commit,
    async put(request, content) {
      await check(request);
      return commit(request, await putHashed(contentStore, content));
    },
  };
}

/** The transaction's part of a write: conditions, the new generation, and what becomes of the one before. */
async function insert(
  deps: WriteDeps,
  transaction: StoreTransaction,
  { bucket: bucketId, resource, conditions }: WriteRequest,
  content: CommittedContent,
): Promise<Object$> {
  const row = await deps.bucketStore.get(bucketId, transaction);
  if (!row) throw bucketNotFound();
  const live = await deps.objectStore.get(bucketId, resource.name, undefined, transaction);
  checkConditions(conditions, live?.object);
  const nowMs = deps.clock.nowMs();
  const highest = await deps.objectStore.highestGeneration(transaction, bucketId, resource.name);
  const generation = BigInt(Math.max(nowMs * 1000, highest + 1));
  const defaultStorageClass = row.bucket.storageClass;
  const object = newObject(bucketId, resource, content, { generation, nowMs, defaultStorageClass });
  if (live) await replaceLive(deps, transaction, row, live, generation);
  await deps.objectStore.put(transaction, bucketId, { object, live: true, content: content.content });
  const overwrote = live?.object.generation;
  await deps.events.changed(transaction, row, { type: "OBJECT_FINALIZE", object, overwrote });
  return object;
}

function checkChecksums(expected: ExpectedChecksums, actual: ObjectContent): void {
  const { md5, crc32c } = expected;
  if (md5?.length && actual.md5 && !Buffer.from(md5).equals(actual.md5)) {
    throw checksumMismatch("MD5 hash", base64(md5), base64(actual.md5));
  }
  if (crc32c !== undefined && crc32c !== actual.crc32c) {
    throw checksumMismatch("CRC32C", crc32cToBase64(crc32c), crc32cToBase64(actual.crc32c));
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
