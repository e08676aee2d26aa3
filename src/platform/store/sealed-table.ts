import type { Seal } from "../seal.ts";
import type { Migration, Store, StoreTransaction } from "./store.ts";

/** Small secret contents by name, sealed at rest. */
export interface SealedTable {
  get(name: string): Promise<Buffer | undefined>;
  /** Sets or replaces. */
  put(transaction: StoreTransaction, name: string, content: Uint8Array): Promise<void>;
  delete(transaction: StoreTransaction, name: string): Promise<void>;
}

interface Columns {
  name: string;
  sealed: string;
}

type Tables = Record<string, Columns>;

/** The table called `tableName`, which a sealedTableMigration has made; a row opens under its own name only. */
export function createSealedTable(store: Store, tableName: string, seal: Seal): SealedTable {
  const context = (name: string) => `${tableName}/${name}`;
  return {
    async get(name) {
      const query = store.read<Tables>().selectFrom(tableName).select("sealed").where("name", "=", name);
      const row = await query.executeTakeFirst();
      return row && seal.open(Buffer.from(row.sealed, "base64"), context(name));
    },
    async put(transaction, name, content) {
      const sealed = seal.seal(content, context(name)).toString("base64");
      const insert = transaction.as<Tables>().insertInto(tableName).values({ name, sealed });
      await insert.onConflict((conflict) => conflict.column("name").doUpdateSet({ sealed })).execute();
    },
    async delete(transaction, name) {
      await transaction.as<Tables>().deleteFrom(tableName).where("name", "=", name).execute();
    },
  };
}

/** A migration that makes an empty sealed table. */
export function sealedTableMigration(name: string, tableName: string): Migration {
  return {
    name,
    async up(database) {
      await database.schema
        .createTable(tableName)
        .addColumn("name", "text", (column) => column.primaryKey())
        // Base64 of what Seal made.
        .addColumn("sealed", "text", (column) => column.notNull())
        .execute();
    },
  };
}
