import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createAdjustableClock } from "../platform/adjustable-clock.ts";
import type { Clock } from "../platform/clock.ts";
import type { Config } from "../platform/config/config.ts";
import { ConfigError, settings } from "../platform/config/env.ts";
import { createTestClock, type TestClock, type TimeDriven } from "../platform/test-clock.ts";
import { createWorkTracker, type WorkTracker } from "../platform/work-tracker.ts";
import { writeDurably } from "../platform/write-durably.ts";

/** The services' time, and what moves it where that is asked for. */
export interface ServicesClock {
  readonly clock: Clock;
  /** How far it is ahead of real time, milliseconds. */
  readonly aheadMs: () => number;
  /** What moves it, through all that `driven` names; undefined with --clock=system. */
  readonly testClock: (driven: () => readonly TimeDriven[]) => TestClock | undefined;
  /** What the test clock waits for; undefined with --clock=system. */
  readonly workTracker: WorkTracker | undefined;
}

/** What is kept in clock.json. */
interface Kept {
  readonly aheadMs: number;
}

/**
 * Real time, or with --clock=manual a clock that starts where the last server on the data folder left it. A folder whose
 * time was moved ahead is refused without: for what is in it, time would go back.
 */
export async function openServicesClock(
  { clock: kind, dataDir }: Pick<Config, "clock" | "dataDir">,
  realClock: Clock,
): Promise<ServicesClock> {
  const file = join(dataDir, "clock.json");
  const keptMs = await readKept(file);
  if (kind === "system") {
    if (keptMs > 0) throw new ConfigError([wouldGoBack(dataDir)]);
    return { clock: realClock, aheadMs: () => 0, testClock: () => undefined, workTracker: undefined };
  }
  const clock = createAdjustableClock(realClock, keptMs);
  const save = (aheadMs: number) => writeDurably(file, `${JSON.stringify({ aheadMs } satisfies Kept)}\n`);
  const workTracker = createWorkTracker();
  return {
    clock,
    aheadMs: clock.aheadMs,
    testClock: (driven) => createTestClock({ clock, realClock, driven: () => [workTracker, ...driven()], save }),
    workTracker,
  };
}

async function readKept(file: string): Promise<number> {
  try {
    return (JSON.parse(await readFile(file, "utf8")) as Kept).aheadMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

function wouldGoBack(dataDir: string): string {
  const { variable, flag } = settings.clock;
  return `${variable} (${flag}): time was advanced on ${dataDir} and must not go back; start with ${flag}=manual, or on another folder`;
}
