import type { DataTypeNode, Dialect } from "kysely";
import { ColumnDefinitionNode, PostgresDialect, PostgresQueryCompiler } from "kysely";
import { DatabaseError, Pool, types } from "pg";
import { toSqlParameter } from "./sql-values.ts";

/** How the connections of one pool are used. */
export interface PostgresAccess {
  /** A postgres:// URL. */
  readonly url: string;
  /** "read": the server refuses to write. */
  readonly access: "read" | "write";
  /** Hears of connections that broke while nobody used them. */
  readonly onIdleError: (error: Error) => void;
}

const MOST_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
const SERIALIZATION_FAILURE = "40001";
const DEADLOCK_DETECTED = "40P01";

/** Kysely on PostgreSQL with the values and the order of text that SQLite has. */
export function postgresDialect({ url, access, onIdleError }: PostgresAccess): Dialect {
  const pool = new Pool({
    connectionString: url,
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options: access === "read" ? "-c default_transaction_read_only=on" : "",
    types: { getTypeParser: sqliteLikeParser },
  });
  pool.on("error", onIdleError);
  return new SqliteLikePostgresDialect({ pool });
}

/** True for the errors after which PostgreSQL asks to run the transaction again. */
export function isPostgresConflict(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === SERIALIZATION_FAILURE || error.code === DEADLOCK_DETECTED);
}

class SqliteLikePostgresDialect extends PostgresDialect {
  override createQueryCompiler() {
    return new SqliteLikeCompiler();
  }
}

/** SQLite's types by PostgreSQL's names; text columns are compared byte by byte, whatever the database's locale. */
const TYPES: Readonly<Record<string, string>> = {
  integer: "bigint",
  bigint: "bigint",
  boolean: "bigint",
  real: "double precision",
  blob: "bytea",
};

class SqliteLikeCompiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    this.append(TYPES[node.dataType] ?? node.dataType);
    const inColumn = this.parentNode !== undefined && ColumnDefinitionNode.is(this.parentNode);
    if (inColumn && node.dataType === "text") this.append(' collate "C"');
  }

  protected override addParameter(parameter: unknown): void {
    super.addParameter(toSqlParameter(parameter));
  }
}

const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [types.builtins.INT8]: parseInteger,
  [types.builtins.NUMERIC]: Number,
  [types.builtins.BOOL]: (text) => (text === "t" ? 1 : 0),
};

const sqliteLikeParser: typeof types.getTypeParser = (oid: number, format?: unknown) =>
  (format !== "binary" && parsers[oid]) || types.getTypeParser(oid, format as "text");

function parseInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${text} is too large for a JavaScript number`);
}
