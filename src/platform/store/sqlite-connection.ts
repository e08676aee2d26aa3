import type { DatabaseConnection, QueryResult } from "kysely";

/** A connection to an SQLite file. */
export interface SqliteConnection extends DatabaseConnection {
  /** Rolls back what SQLite has not rolled back by itself, as it does after errors such as a full disk. */
  rollback(): Promise<void>;
  close(): Promise<void>;
}

/** The statements around a transaction; a write is to be had at its start, not when it is too late. */
export const BEGIN = "begin immediate";
export const COMMIT = "commit";

/** The streamQuery of connections that have none; throws. */
// oxlint-disable-next-line require-yield
export async function* noStream<Row>(): AsyncIterableIterator<QueryResult<Row>> {
  throw new Error("the store does not stream: read page by page");
}
