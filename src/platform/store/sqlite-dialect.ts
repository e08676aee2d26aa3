import type { DatabaseConnection, Dialect, Driver, QueryResult } from "kysely";
import { CompiledQuery, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { CreateTableNode, DataTypeNode } from "kysely";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { BEGIN, COMMIT, noStream, type SqliteConnection } from "./sqlite-connection.ts";
import { SqliteThreadConnection } from "./sqlite-thread-connection.ts";
import type { SqliteOpening } from "./sqlite-thread.ts";
import { toSqlParameter } from "./sql-values.ts";

// Waiting for another process blocks this one's event loop, so it is short; the store tries again in its own time.
const BUSY_TIMEOUT_MS = 20;
const SQLITE_BUSY = 5;
const STATEMENT_CACHE_SIZE = 500;
const WAL_SIZE_LIMIT_BYTES = 64 * 1024 * 1024;

/** How one connection to an SQLite file is used. */
export interface SqliteAccess {
  readonly path: string;
  /**
   * "write": transactions only, one at a time, `begin immediate`. "aside": the same on a thread of its own, so that the event
   * loop does not wait for any of it. "relaxed": so, too, and a commit does not wait for the disk either: logs of requests would
   * keep requests waiting. "read": single statements that never wait for a transaction.
   */
  readonly access: "read" | "write" | "aside" | "relaxed";
  readonly clock: Clock;
  /** Shared by the connections that write to one file, so that they wait for each other here and not in SQLite. */
  readonly turns: Turns;
}

/** Kysely on node:sqlite: WAL, synchronous=FULL (NORMAL when relaxed), foreign keys, strict tables, prepared statements kept. */
export function sqliteDialect(options: SqliteAccess): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new NodeSqliteDriver(options, () => openConnection(options)),
    createQueryCompiler: () => new StrictSqliteCompiler(),
    createIntrospector: (database) => new SqliteIntrospector(database),
  };
}

/** True for the error that says another connection is writing. */
export function isSqliteBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}

class StrictSqliteCompiler extends SqliteQueryCompiler {
  protected override visitCreateTable(node: CreateTableNode): void {
    super.visitCreateTable(node);
    this.append(" strict");
  }

  protected override visitDataType(node: DataTypeNode): void {
    if (node.dataType === "bigint" || node.dataType === "boolean") this.append("integer");
    else super.visitDataType(node);
  }

  protected override addParameter(parameter: unknown): void {
    super.addParameter(toSqlParameter(parameter));
  }
}

function openConnection(options: SqliteAccess): SqliteConnection {
  const opening = openingOf(options);
  return options.access === "aside" || options.access === "relaxed"
    ? new SqliteThreadConnection(opening, options.clock)
    : new NodeSqliteConnection(opening);
}

class NodeSqliteDriver implements Driver {
  readonly #options: SqliteAccess;
  readonly #open: () => SqliteConnection;
  #connection: SqliteConnection | undefined;

  constructor(options: SqliteAccess, open: () => SqliteConnection) {
    this.#options = options;
    this.#open = open;
  }

  async init(): Promise<void> {
    this.#connection = this.#open();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#options.access !== "read") await this.#options.turns.take();
    if (this.#connection) return this.#connection;
    await this.releaseConnection();
    throw new Error("the store is closed");
  }

  async releaseConnection(): Promise<void> {
    if (this.#options.access !== "read") this.#options.turns.giveBack();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#options.access === "read") throw new Error("a read has no transaction: use Store.transact");
    await connection.executeQuery(CompiledQuery.raw(BEGIN));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(COMMIT));
  }

  async rollbackTransaction(): Promise<void> {
    await this.#connection?.rollback();
  }

  async destroy(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }
}

class NodeSqliteConnection implements SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();

  constructor({ path, options, setup }: SqliteOpening) {
    this.#database = new DatabaseSync(path, options);
    this.#database.exec(setup);
  }

  async rollback(): Promise<void> {
    if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec("rollback");
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { statement, returnsRows } = this.#prepare(query.sql);
    const parameters = query.parameters as SQLInputValue[];
    if (returnsRows) return { rows: statement.all(...parameters).map((row) => ({ ...row }) as Row) };
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  streamQuery = noStream;

  async close(): Promise<void> {
    this.#statements.clear();
    this.#database.close();
  }

  #prepare(sql: string): Prepared {
    const kept = this.#statements.get(sql);
    if (kept) {
      this.#statements.delete(sql);
      this.#statements.set(sql, kept);
      return kept;
    }
    const statement = this.#database.prepare(sql);
    const prepared = { statement, returnsRows: statement.columns().length > 0 };
    this.#statements.set(sql, prepared);
    const [oldest] = this.#statements.keys();
    if (this.#statements.size > STATEMENT_CACHE_SIZE && oldest !== undefined) this.#statements.delete(oldest);
    return prepared;
  }
}

interface Prepared {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
}

/** First come, first served, one at a time. */
export class Turns {
  #taken = false;
  readonly #waiting: (() => void)[] = [];

  async take(): Promise<void> {
    if (this.#taken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#taken = true;
  }

  giveBack(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken = false;
  }
}

function openingOf({ path, access }: SqliteAccess): SqliteOpening {
  const options = { readOnly: access === "read", timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true };
  // PostgreSQL's LIKE minds upper and lower case; so does this one, then.
  const setup = ["case_sensitive_like = on"];
  if (access !== "read") {
    const synchronous = access === "relaxed" ? "normal" : "full";
    setup.push("journal_mode = wal", `synchronous = ${synchronous}`, `journal_size_limit = ${WAL_SIZE_LIMIT_BYTES}`);
  }
  return { path, options, setup: setup.map((each) => `pragma ${each}`).join("; "), statements: STATEMENT_CACHE_SIZE };
}
