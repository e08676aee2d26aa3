import { type ExpressionBuilder, type Insertable, type Kysely, type Selectable, sql } from "kysely";
import {
  DuplicateResourceError,
  type ResourceQuery,
  type ResourceRow,
  type ResourceTable,
  StaleResourceError,
} from "./resource-table.ts";
import type { Migration, Store, StoreTransaction } from "./store.ts";

interface ResourceColumns {
  name: string;
  parent: string;
  uid: string;
  generation: number;
  version: number;
  message: string;
  unfinished: number;
  create_time_ms: number;
  update_time_ms: number;
}

type Tables = Record<string, ResourceColumns>;

/** The resource table called `tableName`, which a resourceTableMigration has made. */
export function createResourceTable(store: Store, tableName: string): ResourceTable {
  const queries = (transaction?: StoreTransaction): Kysely<Tables> =>
    transaction ? transaction.as<Tables>() : store.read<Tables>();
  return {
    async get(name, transaction) {
      const columns = await queries(transaction).selectFrom(tableName).selectAll().where("name", "=", name).execute();
      return columns[0] && toRow(columns[0]);
    },
    insert: (transaction, row) => insert(transaction.as<Tables>(), tableName, row),
    update: (transaction, row) => update(transaction.as<Tables>(), tableName, row),
    async delete(transaction, name) {
      const result = await transaction.as<Tables>().deleteFrom(tableName).where("name", "=", name).executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
    list: (query, transaction) => list(queries(transaction), tableName, query),
    async unfinishedNames() {
      const found = await queries().selectFrom(tableName).select("name").where("unfinished", "=", 1).execute();
      return found.map((columns) => columns.name);
    },
  };
}

/** A migration that makes an empty resource table called `tableName` with its indexes. */
export function resourceTableMigration(name: string, tableName: string): Migration {
  return {
    name,
    async up(database) {
      await createTable(database, tableName);
      await createIndexes(database, tableName);
    },
  };
}

async function createTable(database: Kysely<unknown>, tableName: string): Promise<void> {
  await database.schema
    .createTable(tableName)
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("parent", "text", (column) => column.notNull())
    .addColumn("uid", "text", (column) => column.notNull())
    .addColumn("generation", "integer", (column) => column.notNull())
    .addColumn("version", "integer", (column) => column.notNull())
    .addColumn("message", "text", (column) => column.notNull())
    .addColumn("unfinished", "integer", (column) => column.notNull())
    .addColumn("create_time_ms", "integer", (column) => column.notNull())
    .addColumn("update_time_ms", "integer", (column) => column.notNull())
    .execute();
}

async function createIndexes(database: Kysely<unknown>, tableName: string): Promise<void> {
  const index = (suffix: string) => database.schema.createIndex(`${tableName}_${suffix}`).on(tableName);
  await index("by_parent").columns(["parent", "name"]).execute();
  await index("by_create_time").columns(["parent", "create_time_ms", "name"]).execute();
  await index("unfinished").column("name").where(sql.ref("unfinished"), "=", sql.lit(1)).execute();
}

async function insert(database: Kysely<Tables>, tableName: string, row: ResourceRow): Promise<void> {
  const result = await database
    .insertInto(tableName)
    .values(toColumns(row))
    .onConflict((conflict) => conflict.column("name").doNothing())
    .executeTakeFirst();
  if (result.numInsertedOrUpdatedRows !== 1n) throw new DuplicateResourceError(`${row.name} exists already`);
}

async function update(database: Kysely<Tables>, tableName: string, row: ResourceRow): Promise<ResourceRow> {
  const { message, generation, unfinished, update_time_ms } = toColumns(row);
  const version = row.version + 1;
  const result = await database
    .updateTable(tableName)
    .set({ message, generation, unfinished, update_time_ms, version })
    .where("name", "=", row.name)
    .where("version", "=", row.version)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n)
    throw new StaleResourceError(`${row.name} is not at version ${row.version} any more`);
  return { ...row, version };
}

async function list(database: Kysely<Tables>, tableName: string, query: ResourceQuery): Promise<ResourceRow[]> {
  const direction = query.descending ? "desc" : "asc";
  let select = database
    .selectFrom(tableName)
    .selectAll()
    .where((columns) => parentMatches(columns, query.parent))
    .limit(query.limit);
  if (query.orderBy === "createTime") select = select.orderBy("create_time_ms", direction);
  if (query.after) select = select.where((columns) => comesAfter(columns, query));
  return (await select.orderBy("name", direction).execute()).map(toRow);
}

/** A wildcard becomes a range of names, which the primary key serves in order, and a look at each parent's shape. */
function parentMatches(columns: ExpressionBuilder<Tables, string>, parent: string) {
  const segments = parent.split("/");
  const firstWildcard = segments.indexOf("-");
  if (firstWildcard === -1) return columns("parent", "=", parent);
  const prefix = segments
    .slice(0, firstWildcard)
    .map((segment) => `${segment}/`)
    .join("");
  const pattern = segments.map((segment) => (segment === "-" ? "%" : escapeLike(segment))).join("/");
  const slashes = sql<number>`length(parent) - length(replace(parent, '/', ''))`;
  return columns.and([
    columns("name", ">=", prefix),
    ...(prefix === "" ? [] : [columns("name", "<", `${prefix.slice(0, -1)}0`)]),
    sql<boolean>`parent like ${pattern} escape '\\'`,
    columns(slashes, "=", segments.length - 1),
  ]);
}

function comesAfter(columns: ExpressionBuilder<Tables, string>, { after, orderBy, descending }: ResourceQuery) {
  const beyond = descending ? "<" : ">";
  const name = columns("name", beyond, after?.name ?? "");
  if (orderBy !== "createTime") return name;
  const createTimeMs = after?.createTimeMs;
  if (createTimeMs === undefined) throw new TypeError("a page ordered by createTime goes on after a createTimeMs");
  return columns.or([
    columns("create_time_ms", beyond, createTimeMs),
    columns.and([columns("create_time_ms", "=", createTimeMs), name]),
  ]);
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}

function toColumns(row: ResourceRow): Insertable<ResourceColumns> {
  return {
    name: row.name,
    parent: row.parent,
    uid: row.uid,
    generation: row.generation,
    version: row.version,
    message: row.message,
    unfinished: row.unfinished ? 1 : 0,
    create_time_ms: row.createTimeMs,
    update_time_ms: row.updateTimeMs,
  };
}

function toRow(columns: Selectable<ResourceColumns>): ResourceRow {
  const { create_time_ms, update_time_ms, unfinished, ...rest } = columns;
  return { ...rest, unfinished: unfinished === 1, createTimeMs: create_time_ms, updateTimeMs: update_time_ms };
}
