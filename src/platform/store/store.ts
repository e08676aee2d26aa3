import type { Kysely, Transaction } from "kysely";

/**
 * The SQL store: node:sqlite (WAL, synchronous=FULL) by default, PostgreSQL by URL; the same statements on both.
 * `Tables` is a service's own table interface; each store.ts declares only the tables it owns.
 *
 * What makes the statements the same: migrations use the column types text, integer (64 bits), real and blob. JSON is
 * text. Booleans may be written and are read as 0 and 1. Integers are read as numbers; one beyond 2^53 is an error.
 * Text is ordered by its bytes; LIKE minds the case and states its `escape`. A failed statement loses its transaction,
 * even when the error is caught, so what may exist already is inserted with `on conflict do nothing`.
 */
export interface Store extends AsyncDisposable {
  /** Query access outside a transaction; reads see committed data only. */
  read<Tables>(): Kysely<Tables>;
  /**
   * Runs `body` in one transaction: all of it is durable when this resolves, none of it when it rejects.
   * Transactions are serializable; `body` may run again after a conflict, so it has no outside effects. It does not wait
   * for a call that needs a transaction of its own: that one would wait for this one, and is refused where it is seen.
   */
  transact<Result>(body: (transaction: StoreTransaction) => Promise<Result>): Promise<Result>;
  /**
   * The same, for much content: the event loop goes on while the content is written, and each statement takes longer for it.
   */
  transactAside<Result>(body: (transaction: StoreTransaction) => Promise<Result>): Promise<Result>;
  /**
   * The same without waiting for the disk, for logs and measurements: what it wrote outlives this process however it
   * ends, but the last moments before a power failure may be lost.
   */
  transactRelaxed<Result>(body: (transaction: StoreTransaction) => Promise<Result>): Promise<Result>;
  /** Applies every migration that has not run yet, in order of name within an owner; each in its own transaction. */
  migrate(owner: string, migrations: readonly Migration[]): Promise<void>;
}

/** One open transaction, shared by all services that write in it. */
export interface StoreTransaction {
  as<Tables>(): Transaction<Tables>;
  /** Runs after the commit, never after a rollback; for in-process notices that a restart may lose. */
  afterCommit(notify: () => void): void;
}

export interface Migration {
  /** Sorts in order of application, for example "001-functions". */
  readonly name: string;
  up(database: Kysely<unknown>): Promise<void>;
}
