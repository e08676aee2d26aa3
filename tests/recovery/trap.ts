import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult, TransactionSettings } from "kysely";

/** What happens at the boundary that was chosen. */
export type Strike =
  | { readonly kind: "death" }
  /** `act` is somebody else doing something at this very moment. */
  | { readonly kind: "interruption"; readonly act: () => Promise<void> };

/** Counts the boundaries of one try, over all its processes, and strikes at one of them. */
export class Trap {
  /** Names of the boundaries passed while armed, in order. */
  readonly passed: string[] = [];
  armed = false;
  /** Resolves when an interruption is over; at once when there was none. */
  interrupted: Promise<void> = Promise.resolve();
  readonly #strikeAt: number;
  readonly #strike: Strike;

  /** Strikes at the boundary with this index; -1 never strikes. */
  constructor(strikeAt: number, strike: Strike) {
    this.#strikeAt = strikeAt;
    this.#strike = strike;
  }

  get hasStruck(): boolean {
    return this.passed.length > this.#strikeAt;
  }

  /** Counts a boundary and says what strikes there. */
  pass(name: string): Strike | undefined {
    if (!this.armed) return undefined;
    return this.passed.push(name) - 1 === this.#strikeAt ? this.#strike : undefined;
  }
}

/** The life of one process: everything that leaves it goes through here, and nothing does any more once it is dead. */
export class Life {
  /** Resolves at the end. */
  readonly over: Promise<void>;
  readonly end: () => void;
  readonly #trap: Trap;
  #isOver = false;

  constructor(trap: Trap) {
    this.#trap = trap;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.end = () => {
      this.#isOver = true;
      resolve();
    };
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Never resolves in a dead process: its code neither goes on nor cleans up. */
  async alive(): Promise<void> {
    if (this.#isOver) await new Promise<never>(() => {});
  }

  /** A point at which the process may die. Holding the store's writer, it does not wait for an interruption that needs it. */
  async boundary(name: string, holdsWriter = false): Promise<void> {
    await this.alive();
    const strike = this.#trap.pass(name);
    if (strike?.kind === "death") this.end();
    await this.alive();
    if (strike?.kind !== "interruption") return;
    this.#trap.interrupted = strike.act();
    if (!holdsWriter) await this.#trap.interrupted;
  }
}

/** A dialect whose writes and commits are boundaries of a life. */
export function mortalDialect(inner: Dialect, life: Life): Dialect {
  return {
    createAdapter: () => inner.createAdapter(),
    createDriver: () => mortalDriver(inner.createDriver(), life),
    createQueryCompiler: () => inner.createQueryCompiler(),
    createIntrospector: (database) => inner.createIntrospector(database),
  };
}

function mortalDriver(inner: Driver, life: Life): Driver {
  return {
    init: () => inner.init(),
    async acquireConnection() {
      await life.alive();
      return new MortalConnection(await inner.acquireConnection(), life);
    },
    async beginTransaction(connection, settings: TransactionSettings) {
      await life.alive();
      await inner.beginTransaction(mortal(connection).inner, settings);
    },
    async commitTransaction(connection) {
      await life.boundary("before commit", true);
      await inner.commitTransaction(mortal(connection).inner);
      await life.boundary("after commit", true);
    },
    async rollbackTransaction(connection) {
      await life.alive();
      await inner.rollbackTransaction(mortal(connection).inner);
    },
    async releaseConnection(connection) {
      await life.alive();
      await inner.releaseConnection(mortal(connection).inner);
    },
    destroy: () => inner.destroy(),
  };
}

class MortalConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  readonly #life: Life;

  constructor(inner: DatabaseConnection, life: Life) {
    this.inner = inner;
    this.#life = life;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const write = /^\s*(insert into|update|delete from|create|alter|drop)\s+(\S+)/i.exec(query.sql);
    if (!write) {
      await this.#life.alive();
      return this.inner.executeQuery<Row>(query);
    }
    await this.#life.boundary(`before ${write[1]} ${write[2]}`, true);
    const result = await this.inner.executeQuery<Row>(query);
    await this.#life.boundary(`after ${write[1]} ${write[2]}`, true);
    return result;
  }

  streamQuery<Row>(query: CompiledQuery, chunkSize?: number): AsyncIterableIterator<QueryResult<Row>> {
    return this.inner.streamQuery<Row>(query, chunkSize);
  }
}

function mortal(connection: DatabaseConnection): MortalConnection {
  if (connection instanceof MortalConnection) return connection;
  throw new TypeError("not a connection of this driver");
}
