import { nameOf } from "../../../build/steps/plan.ts";
import type { StepsLog } from "../../../build/steps/steps.ts";
import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import { MAX_LOG_BYTES } from "../limits.ts";

/** Time between two flushes of a running build's log. */
const FLUSH_EVERY_MS = 1000;
/** What may wait to be written before whoever writes has to wait, bytes. */
const MAX_UNWRITTEN_BYTES = 4 * 1024 ** 2;
/** What a line costs besides its text: as an entry it takes some room, too. */
const LINE_BYTES = 64;

/** One place that a build's log goes to. */
export interface LogSink {
  /** Takes the lines that came since the last call; `isLast` on the closing call. */
  write(lines: readonly LogLine[], isLast: boolean): Promise<void>;
}

/** A line of a build's log, without line end. */
export interface LogLine {
  /** With the step's name in front, in a build of several steps. */
  readonly text: string;
  /** The text without that. */
  readonly message: string;
  /** `Step #0 - "id"` for the output of a step in a build of several steps, MAIN for everything else. */
  readonly step: string;
  readonly timeMs: number;
  /** Position in the log, from 0. */
  readonly index: number;
}

/** The log of one running build. */
export interface BuildLog extends StepsLog {
  /** Resolves once all lines are in every sink that works. */
  close(): Promise<void>;
}

export interface BuildLogDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly sinks: readonly LogSink[];
  /** The build's steps, for the names in front of their lines. */
  readonly steps: readonly { readonly id: string }[];
}

/** Collects lines and hands them to the sinks once a second, or sooner when there are many; a sink that fails is not used again. */
export function openBuildLog({ clock, log, sinks, steps }: BuildLogDeps): BuildLog {
  const working = new Set(sinks);
  const names = steps.length > 1 ? steps.map(({ id }, index) => `Step ${nameOf(index, id)}`) : [];
  let pending: LogLine[] = [];
  let [pendingBytes, unwrittenBytes, totalBytes, count] = [0, 0, 0, 0];
  let flushing = Promise.resolve();
  const flush = (isLast: boolean) => {
    const [lines, bytes] = [pending, pendingBytes];
    [pending, pendingBytes] = [[], 0];
    if (lines.length === 0 && !isLast) return;
    flushing = flushing
      .then(() => writeAll(working, lines, isLast, log))
      .then(() => {
        unwrittenBytes -= bytes;
      });
  };
  const timer = clock.every(FLUSH_EVERY_MS, () => flush(false));
  const add = (text: string, step: number | undefined) => {
    const name = step === undefined ? undefined : names[step];
    const line = name === undefined ? text : `${name}: ${text}`;
    const bytes = Buffer.byteLength(line) + LINE_BYTES;
    pendingBytes += bytes;
    unwrittenBytes += bytes;
    totalBytes += bytes;
    pending.push({ text: line, message: text, step: name ?? "MAIN", timeMs: clock.nowMs(), index: count++ });
  };
  return {
    get isFull() {
      return totalBytes > MAX_LOG_BYTES;
    },
    get behind() {
      if (unwrittenBytes <= MAX_UNWRITTEN_BYTES) return undefined;
      flush(false);
      return flushing;
    },
    line(text, step) {
      // How the build ends is said in any case.
      if (totalBytes > MAX_LOG_BYTES && step !== undefined) return;
      const wasFull = totalBytes > MAX_LOG_BYTES;
      add(text, step);
      if (!wasFull && totalBytes > MAX_LOG_BYTES)
        add("The log is too long; what else the steps write is left out.", undefined);
    },
    async close() {
      timer[Symbol.dispose]();
      flush(true);
      await flushing;
    },
  };
}

async function writeAll(sinks: Set<LogSink>, lines: readonly LogLine[], isLast: boolean, log: Log): Promise<void> {
  await Promise.all(
    [...sinks].map(async (sink) => {
      try {
        await sink.write(lines, isLast);
      } catch (error) {
        // A build does not fail because its log cannot be kept.
        sinks.delete(sink);
        log.warning("A build's log could not be written", { error });
      }
    }),
  );
}
