import { type Kysely, sql } from "kysely";
import type { Migration, Store, StoreTransaction } from "../store/store.ts";

/** One durable wake-up: look at `key` at `due_time_ms`. */
export interface WakeupRow {
  readonly kind: string;
  readonly key: string;
  /** Raised each time somebody asks; a run that read another version than the stored one has been asked again. */
  readonly version: number;
  readonly due_time_ms: number;
  /** Rejections in a row. */
  readonly attempts: number;
}

/** When to look at what. */
export type WakeupTime = Pick<WakeupRow, "kind" | "key" | "due_time_ms">;

/** Every SQL statement about wake-ups. */
export interface WakeupRows {
  /** The wake-up of one key. */
  get(kind: string, key: string): Promise<WakeupRow | undefined>;
  /** Wake-ups of the given kinds that are due by `untilMs`, soonest first. */
  dueBy(kinds: readonly string[], untilMs: number): Promise<readonly WakeupTime[]>;
  /** When the first wake-up of the given kinds after `afterMs` is due. */
  nextDueMs(kinds: readonly string[], afterMs: number): Promise<number | undefined>;
  /** Adds a wake-up, or raises the version of the present one and makes it due no later than asked; forgets its rejections. */
  ask(transaction: StoreTransaction, kind: string, key: string, dueMs: number): Promise<void>;
  /** Adds wake-ups for the keys that have none; resolves to those. */
  askMissing(kind: string, keys: readonly string[], dueMs: number): Promise<readonly string[]>;
  /** Deletes exactly this version; false when somebody has asked again. */
  finish(row: WakeupRow): Promise<boolean>;
  /** Puts exactly this version off; false when somebody has asked again. */
  putOff(row: WakeupRow, dueMs: number, attempts: number): Promise<boolean>;
}

/** The table of wake-ups, owner "wakeups". */
export const wakeupMigrations: readonly Migration[] = [{ name: "001-wakeups", up: createWakeupsTable }];

const KEYS_PER_STATEMENT = 500;

interface Tables {
  wakeups: { [Column in keyof WakeupRow]: WakeupRow[Column] };
}

/** The wake-ups of a store in which wakeupMigrations have run. */
export function wakeupRows(store: Store): WakeupRows {
  return {
    get: (kind, key) => only(store.read<Tables>().selectFrom("wakeups").selectAll(), { kind, key }).executeTakeFirst(),
    dueBy: (kinds, untilMs) => dueBy(store, kinds, untilMs),
    nextDueMs: (kinds, afterMs) => nextDueMs(store, kinds, afterMs),
    ask: (transaction, kind, key, dueMs) => ask(transaction, kind, key, dueMs),
    askMissing: (kind, keys, dueMs) => askMissing(store, kind, keys, dueMs),
    finish: (row) => store.transact((transaction) => finish(transaction, row)),
    putOff: (row, dueMs, attempts) => store.transact((transaction) => putOff(transaction, row, dueMs, attempts)),
  };
}

async function dueBy(store: Store, kinds: readonly string[], untilMs: number): Promise<readonly WakeupTime[]> {
  if (kinds.length === 0) return [];
  return store
    .read<Tables>()
    .selectFrom("wakeups")
    .select(["kind", "key", "due_time_ms"])
    .where("kind", "in", kinds)
    .where("due_time_ms", "<=", untilMs)
    .orderBy("due_time_ms")
    .execute();
}

async function nextDueMs(store: Store, kinds: readonly string[], afterMs: number): Promise<number | undefined> {
  if (kinds.length === 0) return undefined;
  const query = store.read<Tables>().selectFrom("wakeups").select("due_time_ms").where("kind", "in", kinds);
  const row = await query.where("due_time_ms", ">", afterMs).orderBy("due_time_ms").limit(1).executeTakeFirst();
  return row?.due_time_ms;
}

async function ask(transaction: StoreTransaction, kind: string, key: string, dueMs: number): Promise<void> {
  await transaction
    .as<Tables>()
    .insertInto("wakeups")
    .values({ kind, key, version: 1, due_time_ms: dueMs, attempts: 0 })
    .onConflict((conflict) =>
      conflict.columns(["kind", "key"]).doUpdateSet((row) => ({
        version: row("wakeups.version", "+", 1),
        due_time_ms: sql<number>`case when excluded.due_time_ms < wakeups.due_time_ms
          then excluded.due_time_ms else wakeups.due_time_ms end`,
        attempts: 0,
      })),
    )
    .execute();
}

async function askMissing(
  store: Store,
  kind: string,
  keys: readonly string[],
  dueMs: number,
): Promise<readonly string[]> {
  const missing = await withoutWakeup(store, kind, keys);
  for (const some of batches(missing)) await store.transact((transaction) => insertNew(transaction, kind, some, dueMs));
  return missing;
}

async function withoutWakeup(store: Store, kind: string, keys: readonly string[]): Promise<readonly string[]> {
  const present = new Set<string>();
  for (const some of batches(keys)) {
    const query = store.read<Tables>().selectFrom("wakeups").select("key").where("kind", "=", kind);
    for (const { key } of await query.where("key", "in", some).execute()) present.add(key);
  }
  return keys.filter((key) => !present.has(key));
}

async function insertNew(
  transaction: StoreTransaction,
  kind: string,
  keys: readonly string[],
  dueMs: number,
): Promise<void> {
  await transaction
    .as<Tables>()
    .insertInto("wakeups")
    .values(keys.map((key) => ({ kind, key, version: 1, due_time_ms: dueMs, attempts: 0 })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function finish(transaction: StoreTransaction, row: WakeupRow): Promise<boolean> {
  const query = only(transaction.as<Tables>().deleteFrom("wakeups"), row).where("version", "=", row.version);
  return (await query.executeTakeFirst()).numDeletedRows > 0n;
}

async function putOff(
  transaction: StoreTransaction,
  row: WakeupRow,
  dueMs: number,
  attempts: number,
): Promise<boolean> {
  const query = transaction.as<Tables>().updateTable("wakeups").set({ due_time_ms: dueMs, attempts });
  const result = await only(query, row).where("version", "=", row.version).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** The conditions that name one wake-up, on any kind of query. */
function only<Query extends { where(column: "kind" | "key", operator: "=", value: string): Query }>(
  query: Query,
  { kind, key }: { readonly kind: string; readonly key: string },
): Query {
  return query.where("kind", "=", kind).where("key", "=", key);
}

function batches(keys: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(keys.length / KEYS_PER_STATEMENT);
  return Array.from({ length: count }, (_, index) =>
    keys.slice(index * KEYS_PER_STATEMENT, (index + 1) * KEYS_PER_STATEMENT),
  );
}

async function createWakeupsTable(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("wakeups")
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("version", "integer", (column) => column.notNull())
    .addColumn("due_time_ms", "integer", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("wakeups_key", ["kind", "key"])
    .execute();
  await database.schema.createIndex("wakeups_by_due_time").on("wakeups").column("due_time_ms").execute();
}
