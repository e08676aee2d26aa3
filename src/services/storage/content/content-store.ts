import { Readable } from "node:stream";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import { type ContentDigest, createContentHash } from "./content-hash.ts";

/** Kind of the wake-ups that look whether a content is still needed. */
export const CONTENT_WAKEUP = "storage.content";
/** Longer than any write takes: content that no object or upload names by then never will be. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;
/** Readers that have just looked an object up get this long to open its content. */
const GRACE_MS = 60 * 1000;

export type ContentDeps = Pick<ServiceDeps, "store" | "blobs" | "wakeups" | "clock" | "ids">;

export interface StoredContent extends ContentDigest {
  /** Id of the content. */
  readonly content: string;
}

/** The bytes of objects, each under an id of its own; objects and uploads refer to them. */
export interface ContentStore {
  /** A new id, whose content is deleted later unless an object or an upload refers to it by then. */
  reserve(): Promise<string>;
  /** Stores the whole stream under a new id. */
  put(content: AsyncIterable<Uint8Array>): Promise<StoredContent>;
  /** Adds at the end, `offset`; resolves with the new size. What arrived before a failure stays. */
  append(id: string, offset: number, content: AsyncIterable<Uint8Array>): Promise<number>;
  sizeOf(id: string): Promise<number>;
  digestOf(id: string): Promise<ContentDigest>;
  /** The bytes from `start` to `end`, both inclusive. */
  open(id: string, range?: { readonly start: number; readonly end: number }): Promise<Readable>;
  /** Says that a reference to the content is gone; it is deleted when none is left. */
  release(transaction: StoreTransaction, id: string): Promise<void>;
  /** Deletes the content now. */
  delete(id: string): Promise<void>;
}

export function createContentStore({ store, blobs, wakeups, clock, ids }: ContentDeps): ContentStore {
  const reserve = async () => {
    const id = ids.uuid();
    await store.transact((transaction) => wakeups.wake(transaction, CONTENT_WAKEUP, id, clock.nowMs() + ABANDONED_MS));
    return id;
  };
  return {
    reserve,
    async put(content) {
      const id = await reserve();
      const hash = createContentHash();
      await blobs.put(keyOf(id), toReadable(hash.through(content)));
      return { content: id, ...hash.digest() };
    },
    async append(id, offset, content) {
      return (await blobs.append(keyOf(id), offset, toReadable(content))).sizeBytes;
    },
    sizeOf: async (id) => (await blobs.stat(keyOf(id)))?.sizeBytes ?? 0,
    async digestOf(id) {
      const hash = createContentHash();
      for await (const _ of hash.through(await blobs.open(keyOf(id))));
      return hash.digest();
    },
    open: (id, range) => blobs.open(keyOf(id), range),
    release: (transaction, id) => wakeups.wake(transaction, CONTENT_WAKEUP, id, clock.nowMs() + GRACE_MS),
    delete: (id) => blobs.delete(keyOf(id)),
  };
}

function keyOf(id: string): string {
  return `storage/content/${id.slice(0, 2)}/${id}`;
}

function toReadable(content: AsyncIterable<Uint8Array>): Readable {
  return Readable.from(content, { objectMode: false });
}
