import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { Kysely, sql } from "kysely";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { createStore, type Database, type StoreDeps } from "./create-store.ts";
import { guardedDialect } from "./guarded-dialect.ts";
import { isSqliteBusy, type SqliteAccess, sqliteDialect, Turns } from "./sqlite-dialect.ts";
import type { Store } from "./store.ts";

/**
 * Opens the PostgreSQL database of a postgres:// URL, or else the SQLite file at a path, made with its folder (readable
 * by the owner only) when absent. Rejects when it cannot be reached or is no database.
 */
export async function openStore(location: string, deps: StoreDeps): Promise<Store> {
  const isUrl = /^postgres(ql)?:\/\//.test(location);
  const database = isUrl ? await openPostgres(location, deps.log) : openSqlite(location, deps.clock);
  const store = createStore(database, deps);
  try {
    // Fails here, not at the first use; and SQLite's writer turns WAL on before a reader opens the file.
    await sql`select 1`.execute(database.writer);
    await sql`select 1`.execute(database.reader);
    return store;
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

function openSqlite(path: string, clock: Clock): Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
  const turns = new Turns();
  const dialect = (access: SqliteAccess["access"]) => sqliteDialect({ path, access, turns, clock });
  return {
    writer: new Kysely({ dialect: guardedDialect(dialect("write")) }),
    asideWriter: new Kysely({ dialect: guardedDialect(dialect("aside")) }),
    relaxedWriter: new Kysely({ dialect: guardedDialect(dialect("relaxed")) }),
    reader: new Kysely({ dialect: dialect("read") }),
    isConflict: isSqliteBusy,
    lockMigrations: async () => {},
  };
}

/** Pools of their own for readers, because a transaction that reads outside itself must not wait for a connection that transactions hold. */
async function openPostgres(url: string, log: Log): Promise<Database> {
  // Loaded only where it is used: most servers keep their store in a file.
  const { isPostgresConflict, postgresDialect } = await import("./postgres-dialect.ts");
  const onIdleError = (error: Error) => log.warning("A connection to PostgreSQL was lost", { error });
  const writer = new Kysely<unknown>({
    dialect: guardedDialect(postgresDialect({ url, access: "write", onIdleError })),
  });
  return {
    writer,
    // Another process does the work, so nothing is to be taken off this one.
    asideWriter: writer,
    relaxedWriter: new Kysely({ dialect: guardedDialect(postgresDialect({ url, access: "relaxed", onIdleError })) }),
    reader: new Kysely({ dialect: postgresDialect({ url, access: "read", onIdleError }) }),
    isConflict: isPostgresConflict,
    async lockMigrations(transaction) {
      await sql`select pg_advisory_xact_lock(hashtext('homerun migrations'))`.execute(transaction);
    },
  };
}
