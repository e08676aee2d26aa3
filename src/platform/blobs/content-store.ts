import { Readable } from "node:stream";
import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { Store, StoreTransaction } from "../store/store.ts";
import type { Reconcile, Wakeups } from "../wakeups/wakeups.ts";
import type { Blobs } from "./blobs.ts";

/** Longer than any write takes: content that nothing refers to by then never will be. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;
/** Ids are reserved in lots, since every transaction waits for the disk; an old lot gives out no more of them. */
const LOT_SIZE = 1_000;
const LOT_LIFETIME_MS = 60 * 60 * 1000;
/** Readers that have just looked a reference up get this long to open the content. */
const GRACE_MS = 60 * 1000;

/**
 * Content under ids of its own, which rows of a service refer to. It is written once, shared by any number of references,
 * and deleted some time after the last of them is gone, also when the process dies between any two steps.
 */
export interface ContentStore {
  /** A new id, whose content is deleted later unless something refers to it by then. */
  reserve(): Promise<string>;
  /** Stores the whole stream under a new id. */
  put(content: AsyncIterable<Uint8Array>): Promise<{ readonly content: string; readonly sizeBytes: number }>;
  /** Adds at the end, `offset`; resolves with the new size. What arrived before a failure stays. */
  append(id: string, offset: number, content: AsyncIterable<Uint8Array>): Promise<number>;
  /** Bytes stored under the id; 0 when there are none. */
  sizeOf(id: string): Promise<number>;
  /** The bytes from `start` to `end`, both inclusive. */
  open(id: string, range?: { readonly start: number; readonly end: number }): Promise<Readable>;
  /** Says that a reference to the content goes away with this transaction. */
  release(transaction: StoreTransaction, id: string): Promise<void>;
  /** What looks at released and reserved contents; its kind is the one given. */
  readonly reconcile: Reconcile;
}

export interface ContentStoreDeps {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly wakeups: Wakeups;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface ContentStoreOptions {
  /** Where the blobs' keys begin, for example "storage/content". */
  readonly folder: string;
  /** Kind of the wake-ups; `reconcile` has to be registered under it. */
  readonly kind: string;
  /** Whether a row refers to the content; one that none refers to can get no reference any more. */
  readonly isReferred: (id: string) => Promise<boolean>;
}

export function createContentStore(deps: ContentStoreDeps, options: ContentStoreOptions): ContentStore {
  const { blobs, wakeups, clock } = deps;
  const { folder, kind, isReferred } = options;
  const keyOf = (id: string) => `${folder}/${id.slice(0, 2)}/${id}`;
  const reserve = reserveInLots(deps, kind);
  const idsOf = async (idOrLot: string) => {
    const ofLot = await Array.fromAsync(blobs.list(`${keyOf(idOrLot)}.`));
    return [idOrLot, ...ofLot.map((key) => key.slice(key.lastIndexOf("/") + 1))];
  };
  return {
    reserve,
    async put(content) {
      const id = await reserve();
      return { content: id, ...(await blobs.put(keyOf(id), toReadable(content))) };
    },
    append: async (id, offset, content) => (await blobs.append(keyOf(id), offset, toReadable(content))).sizeBytes,
    sizeOf: async (id) => (await blobs.stat(keyOf(id)))?.sizeBytes ?? 0,
    open: (id, range) => blobs.open(keyOf(id), range),
    release: (transaction, id) => wakeups.wake(transaction, kind, id, clock.nowMs() + GRACE_MS),
    async reconcile(idOrLot) {
      for (const id of await idsOf(idOrLot)) if (!(await isReferred(id))) await blobs.delete(keyOf(id));
      return { settled: true };
    },
  };
}

/** Gives out ids LOT.NUMBER; the wake-up of a lot looks at whatever was stored under any of its ids. */
function reserveInLots({ store, wakeups, clock, ids }: ContentStoreDeps, kind: string): () => Promise<string> {
  let lot = { id: "", given: LOT_SIZE, reservedMs: 0 };
  return async () => {
    const nowMs = clock.nowMs();
    if (lot.given === LOT_SIZE || nowMs - lot.reservedMs >= LOT_LIFETIME_MS) {
      const fresh = { id: ids.uuid(), given: 0, reservedMs: nowMs };
      await store.transact((transaction) => wakeups.wake(transaction, kind, fresh.id, nowMs + ABANDONED_MS));
      lot = fresh;
    }
    return `${lot.id}.${lot.given++}`;
  };
}

function toReadable(content: AsyncIterable<Uint8Array>): Readable {
  return Readable.from(content, { objectMode: false });
}
