import type { Kysely, Transaction } from "kysely";
import type { Clock } from "../clock.ts";
import type { Migration } from "./store.ts";

interface Tables {
  migrations: { owner: string; name: string; applied_time_ms: number };
}

/** Runs `body` in a transaction while no other process migrates. */
export type Locked = (body: (transaction: Transaction<unknown>) => Promise<void>) => Promise<void>;

/**
 * Applies the migrations of one owner that have not run yet, by name, each in a transaction of its own.
 * Rejects when the store holds a migration of this owner that is not in the list: it was written by a newer program.
 */
export async function applyMigrations(
  locked: Locked,
  clock: Clock,
  owner: string,
  migrations: readonly Migration[],
): Promise<void> {
  const ordered = migrations.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const twice = ordered.find((migration, index) => migration.name === ordered[index + 1]?.name);
  if (twice) throw new Error(`two migrations of ${owner} are called ${twice.name}`);
  let missing = ordered;
  await locked(async (transaction) => {
    await createMigrationsTable(transaction);
    const applied = await readApplied(transaction, owner, ordered);
    missing = ordered.filter(({ name }) => !applied.has(name));
  });
  for (const migration of missing) await locked((transaction) => applyOne(transaction, clock, owner, migration));
}

function createMigrationsTable(database: Kysely<unknown>): Promise<void> {
  return database.schema
    .createTable("migrations")
    .ifNotExists()
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("applied_time_ms", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("migrations_key", ["owner", "name"])
    .execute();
}

async function readApplied(
  transaction: Transaction<unknown>,
  owner: string,
  known: readonly Migration[],
): Promise<ReadonlySet<string>> {
  const applied = await table(transaction).selectFrom("migrations").select("name").where("owner", "=", owner).execute();
  const unknown = applied.find(({ name }) => !known.some((migration) => migration.name === name));
  if (unknown) throw new Error(`the store was written by a newer version: it has ${owner} migration ${unknown.name}`);
  return new Set(applied.map(({ name }) => name));
}

async function applyOne(
  transaction: Transaction<unknown>,
  clock: Clock,
  owner: string,
  migration: Migration,
): Promise<void> {
  const inserted = await table(transaction)
    .insertInto("migrations")
    .values({ owner, name: migration.name, applied_time_ms: clock.nowMs() })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows === 1n) await migration.up(transaction);
}

function table(transaction: Transaction<unknown>): Transaction<Tables> {
  return transaction;
}
