import { Cron } from "croner";
import { cronPattern } from "./cron-pattern.ts";
import { parseEnglish } from "./english.ts";

/** When a job runs. */
export interface Schedule {
  /** Whether it is in unix-cron format, not in App Engine's English-like one. */
  readonly isCron: boolean;
  /**
   * The next time, milliseconds since the epoch: after `coveredMs`, or for an interval between executions so long after the
   * last one has ended. Undefined when there is none.
   */
  next(coveredMs: number, endedMs: number): number | undefined;
}

/** A schedule or time zone that is none. */
export class InvalidScheduleError extends Error {
  override name = "InvalidScheduleError";
}

/**
 * Reads a schedule in unix-cron or App Engine's cron syntax, for wall clocks of a time zone of the tz database. Where the
 * clocks change, a job at a time that is skipped runs right after the gap and one at a time that comes twice runs once;
 * jobs that run every so many minutes or hours follow the clock. Throws InvalidScheduleError. Google:
 * cloud.google.com/scheduler/docs/configuring/cron-job-schedules.
 */
export function parseSchedule(text: string, timeZone: string): Schedule {
  checkTimeZone(timeZone);
  const trimmed = text.trim().replaceAll(/\s+/g, " ");
  const pattern = cronPattern(trimmed);
  if (pattern !== undefined) return fromPatterns(true, [pattern], timeZone);
  const english = parseEnglish(trimmed.toLowerCase());
  if (english === undefined) throw new InvalidScheduleError(`"${text}" is no schedule`);
  if ("patterns" in english) return fromPatterns(false, english.patterns, timeZone);
  return { isCron: false, next: (_, endedMs) => endedMs + english.everyMs };
}

function fromPatterns(isCron: boolean, patterns: readonly string[], timeZone: string): Schedule {
  const crons = patterns.map((pattern) => cronOf(pattern, timeZone));
  const next = (coveredMs: number): number | undefined => {
    const times = crons.map((cron) => cron.nextRun(new Date(coveredMs))?.getTime());
    const possible = times.filter((time) => time !== undefined);
    return possible.length > 0 ? Math.min(...possible) : undefined;
  };
  return { isCron, next };
}

function cronOf(pattern: string, timezone: string): Cron {
  try {
    return new Cron(pattern, { timezone, mode: "5-part" });
  } catch (cause) {
    throw new InvalidScheduleError(`"${pattern}" is no schedule`, { cause });
  }
}

function checkTimeZone(timeZone: string): void {
  // Offsets such as "+01:00" are taken by Intl, but are no names of the tz database.
  if (!/^[A-Za-z]/.test(timeZone)) throw new InvalidScheduleError(`"${timeZone}" is no time zone`);
  try {
    new Intl.DateTimeFormat("en", { timeZone }).format();
  } catch (cause) {
    throw new InvalidScheduleError(`"${timeZone}" is no time zone`, { cause });
  }
}
