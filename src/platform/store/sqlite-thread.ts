import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { SQLInputValue } from "node:sqlite";

/** How a database is opened. */
export interface SqliteOpening {
  readonly path: string;
  readonly options: {
    readonly readOnly: boolean;
    readonly timeout: number;
    readonly enableForeignKeyConstraints: boolean;
  };
  /** SQL to run first. */
  readonly setup: string;
  /** Prepared statements that are kept. */
  readonly statements: number;
}

/** What a statement came to: rows, or what it changed. */
export type StatementResult =
  | { readonly rows: readonly Readonly<Record<string, unknown>>[] }
  | { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint };

/** A connection to an SQLite file on a thread of its own: the event loop does not wait for what it writes. */
export interface SqliteThread {
  /** Whether it has ended, and not because it was closed; nothing more can be run. */
  readonly hasFailed: boolean;
  /** Runs a statement, in order of the calls; rejects as node:sqlite throws. */
  run(sql: string, parameters: readonly SQLInputValue[]): Promise<StatementResult>;
  /** Rolls back what SQLite has not rolled back by itself. */
  rollback(): Promise<void>;
  /** Closes the file and ends the thread. */
  close(): Promise<void>;
}

type Request = { readonly sql: string; readonly parameters: readonly SQLInputValue[] } | "rollback" | "close";
type Reply = StatementResult | { readonly error: Failure };
/** What node:sqlite says of an error; a thread's own errors lose it on the way. */
interface Failure {
  readonly message: string;
  readonly code: string | undefined;
  readonly errcode: number | undefined;
  readonly errstr: string | undefined;
}

interface Waiting {
  readonly resolve: (result: StatementResult) => void;
  readonly reject: (error: Error) => void;
}

/** Young objects die in the thread at once, so little memory is enough for them. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };

/** Opens the file on a new thread. It does not keep the process alive but while something is under way. */
export function openSqliteThread(opening: SqliteOpening): SqliteThread {
  const worker = new Worker(`(${serve.toString()})()`, {
    eval: true,
    workerData: opening,
    resourceLimits: RESOURCE_LIMITS,
    name: "sqlite",
  });
  worker.unref();
  const waiting: Waiting[] = [];
  let failure: Error | undefined;

  const fail = (error: Error) => {
    failure ??= error;
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  worker.on("error", fail);
  worker.once("exit", () => fail(new Error("the store is closed")));
  worker.on("message", (reply: Reply) => {
    const { resolve, reject } = waiting.shift()!;
    if (waiting.length === 0) worker.unref();
    if ("error" in reply) reject(Object.assign(new Error(reply.error.message), reply.error));
    else resolve(reply);
  });
  const ask = (request: Request): Promise<StatementResult> => {
    if (failure !== undefined) return Promise.reject(failure);
    const { promise, resolve, reject } = Promise.withResolvers<StatementResult>();
    waiting.push({ resolve, reject });
    worker.ref();
    post(worker, request);
    return promise;
  };
  return {
    get hasFailed() {
      return failure !== undefined;
    },
    run: (sql, parameters) => ask({ sql, parameters }),
    rollback: async () => void (await ask("rollback")),
    async close() {
      if (failure !== undefined) return;
      const exited = once(worker, "exit");
      worker.ref();
      post(worker, "close");
      await exited;
    },
  };
}

function post(worker: Worker, request: Request): void {
  // oxlint-disable-next-line require-post-message-target-origin -- Threads have no origin.
  worker.postMessage(request);
}

/**
 * What the thread runs. It is given to the thread as text, so it refers to nothing outside itself: a file of its own would
 * load all that it takes to run TypeScript once more.
 */
function serve(): void {
  const { parentPort, workerData } = process.getBuiltinModule("node:worker_threads");
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const { path, options, setup, statements } = workerData as SqliteOpening;
  const database = new DatabaseSync(path, options);
  database.exec(setup);
  const kept = new Map<string, ReturnType<typeof database.prepare>>();
  const statementOf = (sql: string) => {
    const statement = kept.get(sql) ?? database.prepare(sql);
    // Set anew, it is the newest one; the oldest one goes.
    kept.delete(sql);
    kept.set(sql, statement);
    const [oldest] = kept.keys();
    if (kept.size > statements && oldest !== undefined) kept.delete(oldest);
    return statement;
  };
  const answer = (request: Exclude<Request, "close">): StatementResult => {
    if (request === "rollback") {
      if (database.isTransaction) database.exec("rollback");
      return { rows: [] };
    }
    const statement = statementOf(request.sql);
    const parameters = request.parameters as SQLInputValue[];
    if (statement.columns().length === 0) return statement.run(...parameters);
    return { rows: statement.all(...parameters).map((row) => ({ ...row })) };
  };
  const replyTo = (request: Exclude<Request, "close">): Reply => {
    try {
      return answer(request);
    } catch (error) {
      const { message, code, errcode, errstr } = error as Failure;
      return { error: { message, code, errcode, errstr } };
    }
  };
  parentPort!.on("message", (request: Request) => {
    if (request === "close") {
      database.close();
      parentPort!.close();
    } else {
      // oxlint-disable-next-line require-post-message-target-origin -- Threads have no origin.
      parentPort!.postMessage(replyTo(request));
    }
  });
}
