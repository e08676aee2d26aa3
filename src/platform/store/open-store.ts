import { mkdirSync, openSync, closeSync } from "node:fs";
import { dirname } from "node:path";
import { Kysely, sql } from "kysely";
import { createStore, type Database, type StoreDeps } from "./create-store.ts";
import { guardedDialect } from "./guarded-dialect.ts";
import { isSqliteBusy, sqliteDialect } from "./sqlite-dialect.ts";
import type { Store } from "./store.ts";

/** Opens the SQLite file at a path, made with its folder (readable by the owner only) when absent. */
export async function openStore(location: string, deps: StoreDeps): Promise<Store> {
  const database = openSqlite(location);
  // Fails here, not at the first use; and the writer turns WAL on before a reader opens the file.
  await sql`select 1`.execute(database.writer);
  await sql`select 1`.execute(database.reader);
  return createStore(database, deps);
}

function openSqlite(path: string): Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
  return {
    writer: new Kysely({ dialect: guardedDialect(sqliteDialect({ path, access: "write" })) }),
    reader: new Kysely({ dialect: sqliteDialect({ path, access: "read" }) }),
    isConflict: isSqliteBusy,
    lockMigrations: async () => {},
  };
}
