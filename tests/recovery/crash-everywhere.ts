import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createManualClock } from "../../src/platform/manual-clock.ts";
import type { WakeupRow } from "../../src/platform/wakeups/wakeup-rows.ts";
import type { Reconcile } from "../../src/platform/wakeups/wakeups.ts";
import { countingIds, type MortalProcess, type Process, startProcess, type Surroundings } from "./mortal-process.ts";
import { Trap } from "./trap.ts";

/** A piece of long-running work, as it must survive the death of its process. */
export interface CrashScenario<World> {
  /** Makes what lies outside the process and outlives it: the doubles of the effects. */
  makeWorld(): World;
  /** Migrations and what has to be there before; no death here. */
  setUp(process: Process<World>): Promise<void>;
  /** What a client asks for; asked again, with the same ids, when the process died before the answer. */
  request?(process: Process<World>): Promise<void>;
  /** Builds the service in a new process. No scans: what only a scan would heal counts as broken. */
  run(process: Process<World>): Reconcilers | Promise<Reconcilers>;
  /** The end state of store and world, without what may differ from one try to the next. */
  observe(process: Process<World>): Promise<unknown>;
}

/** What createWakeups' driver is started with: a reconcile by kind. */
export type Reconcilers = Readonly<Record<string, Reconcile>>;

/** A scenario in which somebody asks for something else meanwhile, for example deletes the resource. */
export interface InterruptionScenario<World> extends CrashScenario<World> {
  interrupt(process: Process<World>): Promise<void>;
}

/** How often time may be moved on to a planned wake-up before work counts as endless. */
const MOST_MOVES = 200;
const REQUEST_SEED = 9;
const NEVER = -1;
// Nothing here outlives the machine, so nothing has to wait for a disk.
const MEMORY_FOLDER = "/dev/shm";

/**
 * Lets the process die before and after every SQL write, every commit and every edge, starts the next one, and rejects
 * unless the end is always that of the undisturbed run. Resolves with the names of the boundaries tried.
 */
export async function crashEverywhere<World>(scenario: CrashScenario<World>): Promise<readonly string[]> {
  return strikeEverywhere((strikeAt) => tryToDie(scenario, strikeAt));
}

/**
 * Lets the interruption happen at every SQL write, commit and edge of the work that the request leads to (inside a
 * transaction: right after it), and rejects unless the end is always that of an interruption after the undisturbed run.
 * Resolves with the names of the boundaries tried.
 */
export async function interruptEverywhere<World>(scenario: InterruptionScenario<World>): Promise<readonly string[]> {
  return strikeEverywhere((strikeAt) => tryToInterrupt(scenario, strikeAt));
}

interface Try {
  readonly end: unknown;
  readonly boundaries: readonly string[];
}

async function strikeEverywhere(tryAt: (strikeAt: number) => Promise<Try>): Promise<readonly string[]> {
  const calm = await tryAt(NEVER);
  assert.ok(calm.boundaries.length > 0, "nothing was written and no edge was passed: there is nothing to try");
  for (const [index, name] of calm.boundaries.entries()) {
    const where = `struck at boundary ${index} of ${calm.boundaries.length} (${name})`;
    const struck = await tryAt(index).catch((error: unknown) => {
      throw new Error(`${where}, the work did not end: ${String(error)}`, { cause: error });
    });
    assert.ok(struck.boundaries.length > index, `${where} is not reached any more: the tries are not alike`);
    assert.deepEqual(struck.end, calm.end, `${where}, the end is another one`);
  }
  return calm.boundaries;
}

async function tryToDie<World>(scenario: CrashScenario<World>, strikeAt: number): Promise<Try> {
  await using house = await makeHouse(scenario, new Trap(strikeAt, { kind: "death" }));
  const { trap } = house;
  let answered = false;
  const live = async (process: MortalProcess<World>, reconcilers: Reconcilers) => {
    process.wakeups.start(reconcilers, []);
    if (!answered) await scenario.request?.({ ...process, ids: countingIds(REQUEST_SEED) });
    answered = true;
    await drain(process, house);
  };
  for (;;) {
    const process = await house.startProcess();
    const reconcilers = await scenario.run(process);
    trap.armed = true;
    const died = await Promise.race([process.died.then(() => true), live(process, reconcilers).then(() => false)]);
    trap.armed = false;
    if (!died) return { end: await scenario.observe(process), boundaries: trap.passed };
    await process.kill();
  }
}

async function tryToInterrupt<World>(scenario: InterruptionScenario<World>, strikeAt: number): Promise<Try> {
  // Whoever interrupts is not part of the run that is interrupted, nor of its open transaction.
  const outside = AsyncLocalStorage.snapshot();
  const act = () => outside(() => scenario.interrupt(process));
  const trap = new Trap(strikeAt, { kind: "interruption", act });
  await using house = await makeHouse(scenario, trap);
  const process = await house.startProcess();
  await scenario.request?.({ ...process, ids: countingIds(REQUEST_SEED) });
  const reconcilers = await scenario.run(process);
  trap.armed = true;
  process.wakeups.start(reconcilers, []);
  await drain(process, house);
  await trap.interrupted;
  trap.armed = false;
  const boundaries = [...trap.passed];
  if (strikeAt === NEVER) await act();
  await drain(process, house);
  return { end: await scenario.observe(process), boundaries };
}

interface House<World> extends Surroundings<World>, AsyncDisposable {
  startProcess(): Promise<MortalProcess<World>>;
}

/** An empty place in memory where the scenario is set up; the last process is stopped in good order. */
async function makeHouse<World>(scenario: CrashScenario<World>, trap: Trap): Promise<House<World>> {
  const folder = await mkdtemp(
    join(existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir(), `homerun-crash-${process.pid}-`),
  );
  const world = scenario.makeWorld();
  const surroundings = { path: join(folder, "db"), clock: createManualClock(), world, trap, errors: [] };
  const first = await startProcess(surroundings, 1);
  await scenario.setUp(first);
  await first.kill();
  let last = first;
  let processes = 1;
  return {
    ...surroundings,
    async startProcess() {
      last = await startProcess(surroundings, ++processes);
      return last;
    },
    async [Symbol.asyncDispose]() {
      await last.kill();
      await rm(folder, { recursive: true });
    },
  };
}

/** Lets everything happen that is due or planned. */
async function drain<World>(process: Process<World>, { clock, errors }: Surroundings<World>): Promise<void> {
  for (let move = 0; move < MOST_MOVES; move++) {
    await process.wakeups.idle();
    const next = await nextWakeup(process);
    if (!next) return;
    clock.advance(Math.max(0, next.due_time_ms - clock.nowMs()));
  }
  const { kind, key } = (await nextWakeup(process)) ?? {};
  throw new Error(`${kind} ${key} is still planned after ${MOST_MOVES} looks`, { cause: errors.at(-1) });
}

async function nextWakeup(process: Process<unknown>): Promise<WakeupRow | undefined> {
  const query = process.store.read<{ wakeups: WakeupRow }>().selectFrom("wakeups").selectAll();
  return query.orderBy("due_time_ms").limit(1).executeTakeFirst();
}
