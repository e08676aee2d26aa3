import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult, TransactionSettings } from "kysely";

/**
 * A dialect whose transactions are lost once a statement in them has failed, even when the caller caught the error:
 * PostgreSQL's rule (where a COMMIT would otherwise roll back and report success), so that both databases behave alike.
 */
export function guardedDialect(inner: Dialect): Dialect {
  return {
    createAdapter: () => inner.createAdapter(),
    createDriver: () => new GuardedDriver(inner.createDriver()),
    createQueryCompiler: () => inner.createQueryCompiler(),
    createIntrospector: (database) => inner.createIntrospector(database),
  };
}

class GuardedDriver implements Driver {
  readonly #inner: Driver;

  constructor(inner: Driver) {
    this.#inner = inner;
  }

  init(): Promise<void> {
    return this.#inner.init();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new GuardedConnection(await this.#inner.acquireConnection());
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    await this.#inner.beginTransaction(guarded(connection).inner, settings);
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    guarded(connection).assertSound();
    await this.#inner.commitTransaction(guarded(connection).inner);
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await this.#inner.rollbackTransaction(guarded(connection).inner);
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    await this.#inner.releaseConnection(guarded(connection).inner);
  }

  destroy(): Promise<void> {
    return this.#inner.destroy();
  }
}

/** One acquisition of a connection: remembers the first failure. */
class GuardedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  #failure: { readonly error: unknown } | undefined;

  constructor(inner: DatabaseConnection) {
    this.inner = inner;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    this.assertSound();
    try {
      return await this.inner.executeQuery<Row>(query);
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  streamQuery<Row>(query: CompiledQuery, chunkSize?: number): AsyncIterableIterator<QueryResult<Row>> {
    return this.inner.streamQuery<Row>(query, chunkSize);
  }

  assertSound(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

function guarded(connection: DatabaseConnection): GuardedConnection {
  if (connection instanceof GuardedConnection) return connection;
  throw new TypeError("not a connection of this driver");
}
