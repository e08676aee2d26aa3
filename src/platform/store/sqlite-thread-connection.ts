import type { CompiledQuery, QueryResult } from "kysely";
import type { SQLInputValue } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { BEGIN, COMMIT, noStream, type SqliteConnection } from "./sqlite-connection.ts";
import { openSqliteThread, type SqliteOpening, type SqliteThread, type StatementResult } from "./sqlite-thread.ts";

/** A thread takes some 15 MiB, which a server that has nothing to write gives back. */
const IDLE_MS = 5_000;

/** A connection for transactions whose work is done on another thread, which is there while there is some. */
export class SqliteThreadConnection implements SqliteConnection {
  readonly streamQuery = noStream;
  readonly #opening: SqliteOpening;
  readonly #clock: Clock;
  #thread: SqliteThread | undefined;
  #idle: Disposable | undefined;
  #usedMs = 0;
  #inTransaction = false;
  #closing: Promise<void> = Promise.resolve();

  constructor(opening: SqliteOpening, clock: Clock) {
    this.#opening = opening;
    this.#clock = clock;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const result = query.sql === BEGIN ? await this.#begin() : await this.#run(query);
    if (query.sql === COMMIT) this.#inTransaction = false;
    if ("rows" in result) return { rows: result.rows as Row[] };
    const { changes, lastInsertRowid } = result;
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  async rollback(): Promise<void> {
    this.#inTransaction = false;
    // Where there is none any more, SQLite has rolled back what it had begun.
    if (this.#thread?.hasFailed === false) await this.#thread.rollback();
  }

  async close(): Promise<void> {
    this.#idle?.[Symbol.dispose]();
    this.#idle = undefined;
    this.#end();
    await this.#closing;
  }

  async #begin(): Promise<StatementResult> {
    if (this.#thread?.hasFailed === true) this.#thread = undefined;
    this.#thread ??= openSqliteThread(this.#opening);
    this.#inTransaction = true;
    this.#usedMs = this.#clock.nowMs();
    this.#idle ??= this.#clock.after(IDLE_MS, () => this.#onIdle());
    try {
      return await this.#thread.run(BEGIN, []);
    } catch (error) {
      this.#inTransaction = false;
      throw error;
    }
  }

  /** Runs a statement on the thread that has begun the transaction: on another one, it would stand alone. */
  #run({ sql, parameters }: CompiledQuery): Promise<StatementResult> {
    if (this.#thread === undefined || !this.#inTransaction) throw new Error("no transaction is open");
    return this.#thread.run(sql, parameters as SQLInputValue[]);
  }

  #onIdle(): void {
    const leftMs = this.#inTransaction ? IDLE_MS : this.#usedMs + IDLE_MS - this.#clock.nowMs();
    this.#idle = leftMs > 0 ? this.#clock.after(leftMs, () => this.#onIdle()) : undefined;
    if (leftMs <= 0) this.#end();
  }

  #end(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    if (thread !== undefined) this.#closing = Promise.all([this.#closing, thread.close()]).then(() => undefined);
  }
}
