import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import { MAX_LOG_BYTES } from "../limits.ts";

/** Time between two flushes of a running build's log. */
const FLUSH_EVERY_MS = 1000;

/** One place that a build's log goes to. */
export interface LogSink {
  /** Takes the lines that came since the last call; `isLast` on the closing call. */
  write(lines: readonly LogLine[], isLast: boolean): Promise<void>;
}

/** A line of a build's log, without line end. */
export interface LogLine {
  readonly text: string;
  readonly timeMs: number;
  /** Position in the log, from 0. */
  readonly index: number;
}

/** The log of one running build. */
export interface BuildLog {
  line(text: string): void;
  /** Resolves once all lines are in every sink that works. */
  close(): Promise<void>;
}

/** Collects lines and hands them to the sinks once a second, or only at the end when not `streaming`; a sink that fails is not used again. */
export function openBuildLog(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  sinks: readonly LogSink[],
  streaming: boolean,
): BuildLog {
  const working = new Set(sinks);
  let pending: LogLine[] = [];
  let count = 0;
  let bytes = 0;
  let flushing = Promise.resolve();
  const flush = (isLast: boolean) => {
    const lines = pending;
    pending = [];
    if (lines.length === 0 && !isLast) return;
    flushing = flushing.then(() => writeAll(working, lines, isLast, log));
  };
  const timer = streaming ? clock.every(FLUSH_EVERY_MS, () => flush(false)) : undefined;
  return {
    line(text) {
      if (bytes > MAX_LOG_BYTES) return;
      bytes += Buffer.byteLength(text) + 1;
      const cut = bytes > MAX_LOG_BYTES ? "The log is too long; the rest is left out." : text;
      pending.push({ text: cut, timeMs: clock.nowMs(), index: count++ });
    },
    async close() {
      timer?.[Symbol.dispose]();
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
