import { AsyncLocalStorage } from "node:async_hooks";
import type { Kysely, Transaction } from "kysely";
import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { Log } from "../log.ts";
import { applyMigrations } from "./migrations.ts";
import type { Store, StoreTransaction } from "./store.ts";

const ATTEMPTS = 20;
const LONGEST_PAUSE_MS = 500;

export interface StoreDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** What a database brings: two ways in that never wait for each other, and its own idea of a conflict. */
export interface Database {
  readonly reader: Kysely<unknown>;
  readonly writer: Kysely<unknown>;
  /** Commits as the writer does, without keeping the event loop waiting; may be the writer itself. */
  readonly asideWriter: Kysely<unknown>;
  /** Commits without waiting for the disk. */
  readonly relaxedWriter: Kysely<unknown>;
  /** True when running the same transaction again may succeed. */
  isConflict(error: unknown): boolean;
  /** Keeps other processes from migrating until the transaction ends. */
  lockMigrations(transaction: Transaction<unknown>): Promise<void>;
}

/** The store over a database that is already open; closes it when disposed, after the transactions that are under way. */
export function createStore(database: Database, deps: StoreDeps): Store {
  const inside = new AsyncLocalStorage<{ open: boolean }>();
  const underWay = new Set<Promise<unknown>>();
  let closed = false;

  async function alone<Result>(work: () => Promise<Result>): Promise<Result> {
    if (closed) throw new Error("the store is closed");
    if (inside.getStore()?.open) throw new Error("a transaction inside a transaction: pass the open one on instead");
    const mark = { open: true };
    const running = inside.run(mark, work).finally(() => (mark.open = false));
    underWay.add(running);
    try {
      return await running;
    } finally {
      underWay.delete(running);
    }
  }

  async function transact<Result>(
    writer: Kysely<unknown>,
    body: (transaction: StoreTransaction) => Promise<Result>,
  ): Promise<Result> {
    const { result, notices } = await alone(() => untilNoConflict(database, deps, () => commitOnce(writer, body)));
    for (const notify of notices) runNotice(notify, deps.log);
    return result;
  }

  return {
    read: <Tables>() => database.reader as Kysely<Tables>,
    transact: (body) => transact(database.writer, body),
    transactAside: (body) => transact(database.asideWriter, body),
    transactRelaxed: (body) => transact(database.relaxedWriter, body),
    migrate: (owner, migrations) =>
      alone(() => applyMigrations((body) => migrateAlone(database, deps, body), deps.clock, owner, migrations)),
    async [Symbol.asyncDispose]() {
      closed = true;
      await Promise.allSettled(underWay);
      await database.reader.destroy();
      await database.relaxedWriter.destroy();
      await database.asideWriter.destroy();
      await database.writer.destroy();
    },
  };
}

/** Under the lock, each statement sees what other processes have just committed; so not serializable. */
function migrateAlone(
  database: Database,
  deps: StoreDeps,
  body: (transaction: Transaction<unknown>) => Promise<void>,
): Promise<void> {
  const transaction = database.writer.transaction().setIsolationLevel("read committed");
  return untilNoConflict(database, deps, () =>
    transaction.execute(async (transaction) => {
      await database.lockMigrations(transaction);
      await body(transaction);
    }),
  );
}

interface Committed<Result> {
  readonly result: Result;
  readonly notices: readonly (() => void)[];
}

/** Runs one transaction again, after a pause, while its only trouble is that others were at work. */
async function untilNoConflict<Result>(
  database: Database,
  deps: StoreDeps,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !database.isConflict(error)) throw error;
      await deps.clock.sleep(deps.ids.fraction() * Math.min(LONGEST_PAUSE_MS, 2 ** attempt));
    }
  }
}

async function commitOnce<Result>(
  writer: Kysely<unknown>,
  body: (transaction: StoreTransaction) => Promise<Result>,
): Promise<Committed<Result>> {
  const notices: (() => void)[] = [];
  const result = await writer
    .transaction()
    .setIsolationLevel("serializable")
    .execute((transaction) =>
      body({
        as: <Tables>() => transaction as unknown as Transaction<Tables>,
        afterCommit: (notify) => void notices.push(notify),
      }),
    );
  return { result, notices };
}

function runNotice(notify: () => void, log: Log): void {
  try {
    notify();
  } catch (error) {
    log.error("A notice after a commit failed", { error });
  }
}
