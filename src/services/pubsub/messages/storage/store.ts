import type { Kysely } from "kysely";
import type { Store, StoreTransaction } from "../../../../platform/store/store.ts";
import type { KeptMarks, MarkChanges } from "../delivery/ack-marks.ts";
import { LOGS, MARKS, NUMBERS, POSITIONS, ROWS, type Tables } from "./migrations.ts";

export type LogRow = Tables[typeof LOGS];
export type MessageRow = Tables[typeof ROWS];
export type PositionRow = Tables[typeof POSITIONS];

/** Rows that are looked at, and deleted, at a time. */
const ROWS_AT_ONCE = 128;
const LARGEST_SEQ = Number.MAX_SAFE_INTEGER;

/** Every SQL statement about messages. */
export type MessageStore = ReturnType<typeof createMessageStore>;

/** The tables of messages, in a store. */
export function createMessageStore(store: Store) {
  const read = () => store.read<Tables>();
  return {
    ...numberStatements(store),
    ...logStatements(read),
    ...rowReads(read),
    ...rowChanges(),
    ...positionStatements(read),
    ...markStatements(read),
  };
}

type Read = () => Kysely<Tables>;

function numberStatements(store: Store) {
  const find = (tables: Kysely<Tables>, name: string) =>
    tables.selectFrom(NUMBERS).select("value").where("name", "=", name).executeTakeFirst();
  return {
    /** A number that was never given under this name before, from 1. */
    async nextNumber(transaction: StoreTransaction, name: string): Promise<number> {
      const tables = transaction.as<Tables>();
      const found = await find(tables, name);
      const value = Number(found?.value ?? 0) + 1;
      const row = { name, value: String(value) };
      if (found) await tables.updateTable(NUMBERS).set(row).where("name", "=", name).execute();
      else await tables.insertInto(NUMBERS).values(row).execute();
      return value;
    },

    /** What stands under a name; it stays what `make` said first. */
    constant: (name: string, make: () => string): Promise<string> =>
      store.transact(async (transaction) => {
        const tables = transaction.as<Tables>();
        const found = await find(tables, name);
        if (found) return found.value;
        const row = { name, value: make() };
        await tables.insertInto(NUMBERS).values(row).execute();
        return row.value;
      }),
  };
}

function logStatements(read: Read) {
  return {
    logs: (): Promise<LogRow[]> => read().selectFrom(LOGS).selectAll().execute(),
    async insertLog(transaction: StoreTransaction, row: LogRow): Promise<void> {
      await transaction.as<Tables>().insertInto(LOGS).values(row).execute();
    },
    async updateLog(transaction: StoreTransaction, id: number, change: Partial<Omit<LogRow, "id">>): Promise<void> {
      await transaction.as<Tables>().updateTable(LOGS).set(change).where("id", "=", id).execute();
    },
    /** The log itself; its messages go bit by bit, by deleteRows. */
    async deleteLog(transaction: StoreTransaction, id: number): Promise<void> {
      await transaction.as<Tables>().deleteFrom(LOGS).where("id", "=", id).execute();
    },
    /** The number that the next message of a log gets; as of the transaction, or of now. */
    async nextSeq(log: number, transaction?: StoreTransaction): Promise<number> {
      const tables = transaction?.as<Tables>() ?? read();
      const row = await tables.selectFrom(LOGS).select("next_seq").where("id", "=", log).executeTakeFirst();
      const last = await tables
        .selectFrom(ROWS)
        .select("last_seq")
        .where("log", "=", log)
        .orderBy("first_seq", "desc")
        .limit(1)
        .executeTakeFirst();
      return Math.max(row?.next_seq ?? 1, (last?.last_seq ?? 0) + 1);
    },
  };
}

function rowReads(read: Read) {
  const ofLog = (log: number) => read().selectFrom(ROWS).where("log", "=", log);

  /** Where the row begins that holds a message; the message itself when there is no such row. */
  async function rowStart(log: number, seq: number): Promise<number> {
    const row = await ofLog(log)
      .select(["first_seq", "last_seq"])
      .where("first_seq", "<=", seq)
      .orderBy("first_seq", "desc")
      .limit(1)
      .executeTakeFirst();
    return row && row.last_seq >= seq ? row.first_seq : seq;
  }

  return {
    /** Whole rows from the one that holds `seq`, or the next one, up to about `maxBytes`; one at least, if there is any. */
    async readRows(log: number, seq: number, maxBytes: number): Promise<MessageRow[]> {
      const from = await rowStart(log, seq);
      const heads = await ofLog(log)
        .select(["first_seq", "size"])
        .where("first_seq", ">=", from)
        .orderBy("first_seq")
        .limit(ROWS_AT_ONCE)
        .execute();
      let [bytes, count] = [0, 0];
      while (count < heads.length && (count === 0 || bytes + heads[count]!.size <= maxBytes)) {
        bytes += heads[count++]!.size;
      }
      const last = heads[count - 1];
      if (!last) return [];
      return ofLog(log)
        .selectAll()
        .where("first_seq", ">=", from)
        .where("first_seq", "<=", last.first_seq)
        .orderBy("first_seq")
        .execute();
    },

    /** The first message published at a time (ms) or later; undefined when there is none. */
    async seqAt(log: number, timeMs: number): Promise<number | undefined> {
      const row = await ofLog(log)
        .select("first_seq")
        .where("publish_time_ms", ">=", timeMs)
        .orderBy("publish_time_ms")
        .orderBy("first_seq")
        .limit(1)
        .executeTakeFirst();
      return row?.first_seq;
    },

    /** When the first message from `seq` on was published, ms. */
    async publishTimeAt(log: number, seq: number): Promise<number | undefined> {
      const row = await ofLog(log)
        .select("publish_time_ms")
        .where("first_seq", ">=", await rowStart(log, seq))
        .orderBy("first_seq")
        .limit(1)
        .executeTakeFirst();
      return row?.publish_time_ms;
    },

    /** When the oldest message of a log was published, ms; undefined when it has none. */
    async oldestMs(log: number): Promise<number | undefined> {
      const row = await ofLog(log).select("publish_time_ms").orderBy("publish_time_ms").limit(1).executeTakeFirst();
      return row?.publish_time_ms;
    },
  };
}

function rowChanges() {
  return {
    async insertRow(transaction: StoreTransaction, row: MessageRow): Promise<void> {
      await transaction.as<Tables>().insertInto(ROWS).values(row).execute();
    },

    /** Deletes some rows wholly below `seq` and published before a time; false when none was left to delete. */
    async deleteRows(transaction: StoreTransaction, log: number, seq: number, beforeMs: number): Promise<boolean> {
      const tables = transaction.as<Tables>();
      const rows = await tables
        .selectFrom(ROWS)
        .select(["first_seq", "last_seq"])
        .where("log", "=", log)
        .where("first_seq", "<", seq)
        .where("publish_time_ms", "<", beforeMs)
        .orderBy("first_seq")
        .limit(ROWS_AT_ONCE)
        .execute();
      const last = rows.findLast(({ last_seq }) => last_seq < seq);
      if (!last) return false;
      const gone = tables.deleteFrom(ROWS).where("log", "=", log);
      await gone.where("first_seq", "<=", last.first_seq).execute();
      await tables
        .updateTable(LOGS)
        .set({ next_seq: last.last_seq + 1 })
        .where("id", "=", log)
        .where("next_seq", "<=", last.last_seq)
        .execute();
      return true;
    },
  };
}

function positionStatements(read: Read) {
  return {
    positions: (): Promise<PositionRow[]> => read().selectFrom(POSITIONS).selectAll().execute(),
    async insertPosition(transaction: StoreTransaction, row: PositionRow): Promise<void> {
      await transaction.as<Tables>().insertInto(POSITIONS).values(row).execute();
    },
    async updatePosition(
      transaction: StoreTransaction,
      id: number,
      change: Partial<Omit<PositionRow, "id">>,
    ): Promise<void> {
      await transaction.as<Tables>().updateTable(POSITIONS).set(change).where("id", "=", id).execute();
    },
    async deletePosition(transaction: StoreTransaction, id: number): Promise<void> {
      await transaction.as<Tables>().deleteFrom(POSITIONS).where("id", "=", id).execute();
      await transaction.as<Tables>().deleteFrom(MARKS).where("position", "=", id).execute();
    },
  };
}

function markStatements(read: Read) {
  return {
    /** Marks above the cursor, and failed deliveries by message. */
    async marks(position: number): Promise<{ chunks: KeptMarks["chunks"]; failures: Map<number, number> }> {
      const rows = await read().selectFrom(MARKS).selectAll().where("position", "=", position).execute();
      return {
        chunks: new Map(rows.map(({ chunk, acked }) => [chunk, new Uint8Array(acked)])),
        failures: new Map(rows.flatMap(({ failures }) => parseFailures(failures))),
      };
    },

    /** Stores chunks that changed, with the failed deliveries in them. */
    async putMarks(
      transaction: StoreTransaction,
      position: number,
      { chunks, replacesAll }: Pick<MarkChanges, "chunks" | "replacesAll">,
      failures: ReadonlyMap<number, string>,
    ): Promise<void> {
      const tables = transaction.as<Tables>();
      if (replacesAll) await tables.deleteFrom(MARKS).where("position", "=", position).execute();
      for (const [chunk, acked] of chunks) {
        const row = { position, chunk, acked, failures: failures.get(chunk) ?? "" };
        await tables
          .insertInto(MARKS)
          .values(row)
          .onConflict((conflict) =>
            conflict.columns(["position", "chunk"]).doUpdateSet({ acked: row.acked, failures: row.failures }),
          )
          .execute();
      }
    },

    /** Forgets the chunks below one. */
    async deleteMarks(transaction: StoreTransaction, position: number, below = LARGEST_SEQ): Promise<void> {
      const ofPosition = transaction.as<Tables>().deleteFrom(MARKS).where("position", "=", position);
      await ofPosition.where("chunk", "<", below).execute();
    },
  };
}

function parseFailures(text: string): [number, number][] {
  if (text === "") return [];
  return Object.entries(JSON.parse(text) as Record<string, number>).map(([seq, count]) => [Number(seq), count]);
}
