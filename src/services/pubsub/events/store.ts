import type { Store } from "../../../platform/store/store.ts";

const CHUNKS = "pubsub_event_chunks";
const FAULTS = "pubsub_faults";

interface Tables {
  /** Delivery attempts that ended together; ids are in order of time. */
  [CHUNKS]: { id: string; newest_ms: number; attempts: number; bytes: number; content: Uint8Array };
  /** Faults that were asked for, as JSON. */
  [FAULTS]: { subscription: string; faults: string };
}

/** What is known of a chunk without reading it. */
export interface ChunkFacts {
  readonly id: string;
  readonly newestMs: number;
  readonly attempts: number;
  readonly bytes: number;
}

/** Every SQL statement about the record of events. */
export interface EventStore {
  /** Writes a chunk and deletes others, without waiting for the disk. */
  write(chunk: ChunkFacts & { readonly content: Uint8Array }, deleted: readonly string[]): Promise<void>;
  /** All chunks, oldest first. */
  list(): Promise<readonly ChunkFacts[]>;
  /** Undefined when it is gone. */
  read(id: string): Promise<Uint8Array | undefined>;
  faults(): Promise<readonly { readonly subscription: string; readonly faults: string }[]>;
  setFaults(subscription: string, faults: string): Promise<void>;
  clearFaults(subscription: string): Promise<void>;
}

export function createEventStore(store: Store): EventStore {
  const read = () => store.read<Tables>();
  return {
    write: ({ newestMs, ...chunk }, deleted) =>
      store.transactRelaxed(async (transaction) => {
        const database = transaction.as<Tables>();
        await database
          .insertInto(CHUNKS)
          .values({ ...chunk, newest_ms: newestMs })
          .execute();
        if (deleted.length > 0) await database.deleteFrom(CHUNKS).where("id", "in", deleted).execute();
      }),
    async list() {
      const rows = await read()
        .selectFrom(CHUNKS)
        .select(["id", "newest_ms", "attempts", "bytes"])
        .orderBy("id")
        .execute();
      return rows.map(({ newest_ms: newestMs, ...facts }) => ({ ...facts, newestMs }));
    },
    async read(id) {
      return (await read().selectFrom(CHUNKS).select("content").where("id", "=", id).executeTakeFirst())?.content;
    },
    faults: () => read().selectFrom(FAULTS).selectAll().orderBy("subscription").execute(),
    setFaults: (subscription, faults) =>
      store.transact(async (transaction) => {
        const insert = transaction.as<Tables>().insertInto(FAULTS).values({ subscription, faults });
        await insert.onConflict((conflict) => conflict.column("subscription").doUpdateSet({ faults })).execute();
      }),
    clearFaults: (subscription) =>
      store.transact(async (transaction) => {
        await transaction.as<Tables>().deleteFrom(FAULTS).where("subscription", "=", subscription).execute();
      }),
  };
}
