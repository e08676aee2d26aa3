import { type Dialect, Kysely, sql } from "kysely";
import type { Clock } from "../../src/platform/clock.ts";
import type { Ids } from "../../src/platform/ids.ts";
import { type Log, type LogFields, silentLog } from "../../src/platform/log.ts";
import type { ManualClock } from "../../src/platform/manual-clock.ts";
import { createStore } from "../../src/platform/store/create-store.ts";
import { guardedDialect } from "../../src/platform/store/guarded-dialect.ts";
import { isSqliteBusy, type SqliteAccess, sqliteDialect, Turns } from "../../src/platform/store/sqlite-dialect.ts";
import type { Store } from "../../src/platform/store/store.ts";
import { createWakeups } from "../../src/platform/wakeups/create-wakeups.ts";
import type { WakeupDriver } from "../../src/platform/wakeups/wakeups.ts";
import { Life, mortalDialect, type Trap } from "./trap.ts";

/** What a process of the program under test is given; it may die at any write, commit or edge. */
export interface Process<World> {
  readonly store: Store;
  readonly wakeups: WakeupDriver;
  /** Stands still, except that time passes while only planned wake-ups are left. */
  readonly clock: Clock;
  /** Other ids in every process, the same in every try. */
  readonly ids: Ids;
  readonly log: Log;
  /** What outlives the process. */
  readonly world: World;
  /** An outside effect: the process may die before and after it. */
  edge<Result>(name: string, effect: () => Promise<Result>): Promise<Result>;
  /** `double` with each of its (asynchronous) methods an edge, named "name.method". */
  edges<Double extends object>(name: string, double: Double): Double;
}

export interface MortalProcess<World> extends Process<World> {
  /** Resolves when the trap has killed the process. */
  readonly died: Promise<void>;
  /** Stops everything at once, as SIGKILL does: nothing is finished, nothing is tidied up. */
  kill(): Promise<void>;
}

/** What the processes of one try have in common. */
export interface Surroundings<World> {
  /** Path of the SQLite file. */
  readonly path: string;
  readonly clock: ManualClock;
  readonly world: World;
  readonly trap: Trap;
  /** Errors that were logged, for the message of a failure. */
  readonly errors: unknown[];
}

/** Starts the process number `number` of a try. */
export async function startProcess<World>(
  surroundings: Surroundings<World>,
  number: number,
): Promise<MortalProcess<World>> {
  const life = new Life(surroundings.trap);
  const database = await openDatabase(surroundings.path, life, surroundings.clock);
  const clock = mortalClock(surroundings.clock, life);
  const log = errorLog(surroundings.errors);
  const ids = countingIds(number);
  const store = createStore(
    { ...database, isConflict: isSqliteBusy, lockMigrations: async () => {} },
    { clock, ids, log },
  );
  const edge = async <Result>(name: string, effect: () => Promise<Result>): Promise<Result> => {
    await life.boundary(`before ${name}`);
    const result = await effect();
    await life.boundary(`after ${name}`);
    return result;
  };
  return {
    store,
    clock,
    ids,
    log,
    edge,
    world: surroundings.world,
    wakeups: await createWakeups(store, { clock, ids, log }),
    edges: (name, double) => withEdges(name, double, edge),
    died: life.over,
    async kill() {
      life.end();
      await database.writer.destroy();
      await database.asideWriter.destroy();
      await database.relaxedWriter.destroy();
      await database.reader.destroy();
    },
  };
}

/** Ids that depend on nothing but `seed` and the number of calls. */
export function countingIds(seed: number): Ids {
  let calls = 0;
  const next = () => `${seed}${String(++calls).padStart(6, "0")}`;
  return {
    uuid: () => `00000000-0000-4000-8000-${next().padStart(12, "0")}`,
    text: (length) => next().padStart(length, "x").slice(-length),
    fraction: () => 0.5,
  };
}

async function openDatabase(path: string, life: Life, clock: Clock) {
  const turns = new Turns();
  const open = (access: SqliteAccess["access"]) => sqliteDialect({ path, access, turns, clock });
  const mortal = (dialect: Dialect) => new Kysely<unknown>({ dialect: mortalDialect(dialect, life) });
  const writer = mortal(guardedDialect(open("write")));
  await sql`select 1`.execute(writer);
  return {
    writer,
    asideWriter: mortal(guardedDialect(open("aside"))),
    relaxedWriter: mortal(guardedDialect(open("relaxed"))),
    reader: mortal(open("read")),
  };
}

function mortalClock(clock: ManualClock, life: Life): Clock {
  const unlessDead = (callback: () => void) => () => {
    if (!life.isOver) callback();
  };
  return {
    nowMs: () => clock.nowMs(),
    after: (ms, callback) => clock.after(ms, unlessDead(callback)),
    every: (ms, callback) => clock.every(ms, unlessDead(callback)),
    async sleep(ms, signal) {
      await clock.sleep(ms, signal);
      await life.alive();
    },
  };
}

function errorLog(errors: unknown[]): Log {
  const log: Log = {
    ...silentLog,
    error: (message: string, fields?: LogFields) => void errors.push(fields?.["error"] ?? message),
    child: () => log,
  };
  return log;
}

function withEdges<Double extends object>(name: string, double: Double, edge: Process<unknown>["edge"]): Double {
  return new Proxy(double, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      return (...parameters: unknown[]) =>
        edge(`${name}.${String(property)}`, async () => Reflect.apply(value, target, parameters) as unknown);
    },
  });
}
