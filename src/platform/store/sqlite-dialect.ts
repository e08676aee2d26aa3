import type { DatabaseConnection, Dialect, Driver, QueryResult } from "kysely";
import { CompiledQuery, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { CreateTableNode, DataTypeNode } from "kysely";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
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
   * "write": transactions only, one at a time, `begin immediate`. "relaxed": the same, but a commit does not wait for the
   * disk. "read": single statements that never wait for a transaction.
   */
  readonly access: "read" | "write" | "relaxed";
  /** Shared by the connections that write to one file, so that they wait for each other here and not in SQLite. */
  readonly turns: Turns;
}

/** Kysely on node:sqlite: WAL, synchronous=FULL (NORMAL when relaxed), foreign keys, strict tables, prepared statements kept. */
export function sqliteDialect(options: SqliteAccess): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new NodeSqliteDriver(options),
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

class NodeSqliteDriver implements Driver {
  readonly #options: SqliteAccess;
  #connection: NodeSqliteConnection | undefined;

  constructor(options: SqliteAccess) {
    this.#options = options;
  }

  async init(): Promise<void> {
    this.#connection = new NodeSqliteConnection(openDatabase(this.#options));
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
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // SQLite has already rolled back by itself after errors such as a full disk.
    if (this.#connection?.inTransaction) await connection.executeQuery(CompiledQuery.raw("rollback"));
  }

  async destroy(): Promise<void> {
    this.#connection?.close();
    this.#connection = undefined;
  }
}

class NodeSqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get inTransaction(): boolean {
    return this.#database.isOpen && this.#database.isTransaction;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { statement, returnsRows } = this.#prepare(query.sql);
    const parameters = query.parameters as SQLInputValue[];
    if (returnsRows) return { rows: statement.all(...parameters).map((row) => ({ ...row }) as Row) };
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  // oxlint-disable-next-line require-yield
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("the store does not stream: read page by page");
  }

  close(): void {
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

function openDatabase({ path, access }: SqliteAccess): DatabaseSync {
  const database = new DatabaseSync(path, {
    readOnly: access === "read",
    timeout: BUSY_TIMEOUT_MS,
    enableForeignKeyConstraints: true,
  });
  // PostgreSQL's LIKE minds upper and lower case; so does this one, then.
  database.exec("pragma case_sensitive_like = on");
  if (access !== "read") {
    const synchronous = access === "write" ? "full" : "normal";
    database.exec(
      `pragma journal_mode = wal; pragma synchronous = ${synchronous}; pragma journal_size_limit = ${WAL_SIZE_LIMIT_BYTES}`,
    );
  }
  return database;
}
