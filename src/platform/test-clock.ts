import type { AdjustableClock } from "./adjustable-clock.ts";
import type { Clock } from "./clock.ts";

/** How long a step waits for the work that it started, milliseconds of real time. */
const PATIENCE_MS = 30_000;
/** Turns of the event loop without any work after which nothing follows any more. */
const QUIET_TURNS = 3;
/** How long work is waited for that was under way before. */
const FIRST_PATIENCE_MS = 3_000;

/** The services' time on a server whose tests move it. */
export interface TestClock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** How far it is ahead of real time, milliseconds. */
  aheadMs(): number;
  /**
   * Moves time on by `ms`. Everything that falls due on the way is done at its time, one after the other; resolves when that
   * is done. Stops where it is when `signal` aborts. Work that takes longer than 30 seconds, or 3 when it was under way
   * before, is not waited for.
   */
  advance(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What does things at certain times by itself, by more than timers of the clock. */
export interface TimeDriven {
  /** When it next has something to do, later than now; undefined: nothing is planned. */
  nextDueMs(): Promise<number | undefined>;
  /** Starts what is due now. Resolves to all work under way, each a promise that never rejects and stays the same one. */
  startDue(): Promise<readonly Promise<unknown>[]>;
}

export interface TestClockDeps {
  readonly clock: AdjustableClock;
  /** For waiting. */
  readonly realClock: Clock;
  readonly driven: () => readonly TimeDriven[];
  /** Keeps how far the clock is ahead; called before it gets there, so that time never goes back after a crash. */
  readonly save: (aheadMs: number) => Promise<void>;
}

/** A test clock that moves `clock`; one advance at a time. */
export function createTestClock(deps: TestClockDeps): TestClock {
  const { clock } = deps;
  let last: Promise<void> = Promise.resolve();
  return {
    nowMs: clock.nowMs,
    aheadMs: clock.aheadMs,
    advance(ms, signal) {
      const advanced = last.then(() => advance(deps, ms, signal));
      last = advanced.catch(() => {});
      return advanced;
    },
  };
}

async function advance(deps: TestClockDeps, ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { clock, save } = deps;
  await save(clock.aheadMs() + ms);
  try {
    await goTo(deps, clock.nowMs() + ms, signal);
  } catch (error) {
    await save(clock.aheadMs());
    throw error;
  }
}

async function goTo(deps: TestClockDeps, untilMs: number, signal: AbortSignal | undefined): Promise<void> {
  const { clock } = deps;
  const passedOver = new Set<Promise<unknown>>();
  await settle(deps, passedOver, FIRST_PATIENCE_MS);
  for (;;) {
    signal?.throwIfAborted();
    const nextMs = await nextOf(deps);
    if (nextMs === undefined || nextMs > untilMs) break;
    clock.moveTo(nextMs);
    await settle(deps, passedOver);
  }
  clock.moveTo(untilMs);
  await settle(deps, passedOver);
}

async function nextOf({ clock, driven }: TestClockDeps): Promise<number | undefined> {
  const planned = await Promise.all(driven().map((each) => each.nextDueMs()));
  const times = [clock.nextTimerMs(), ...planned].filter((timeMs) => timeMs !== undefined);
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** Until nothing that is due is left to do; what outlasts the patience is not waited for again. */
async function settle(deps: TestClockDeps, passedOver: Set<Promise<unknown>>, patienceMs = PATIENCE_MS): Promise<void> {
  const patience = new AbortController();
  const timeout = deps.realClock.sleep(patienceMs, patience.signal).then(
    () => true,
    () => false,
  );
  try {
    // What follows from a timer or from the end of other work becomes visible some turns later.
    for (let quietTurns = 0; quietTurns < QUIET_TURNS; quietTurns++) {
      await deps.realClock.sleep(0);
      const work = (await startAll(deps)).filter((each) => !passedOver.has(each));
      if (work.length === 0) continue;
      quietTurns = 0;
      const isTooLong = await Promise.race([timeout, Promise.all(work).then(() => false)]);
      if (isTooLong) return work.forEach((each) => passedOver.add(each));
    }
  } finally {
    patience.abort();
  }
}

async function startAll({ driven }: TestClockDeps): Promise<readonly Promise<unknown>[]> {
  return (await Promise.all(driven().map((each) => each.startDue()))).flat();
}
