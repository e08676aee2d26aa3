/** Severities of google.logging.type.LogSeverity that homerun's own log uses. */
export type Severity = "DEBUG" | "INFO" | "WARNING" | "ERROR";

export type LogFields = Record<string, unknown>;

/** homerun's own structured log; one logger per subsystem, made once by `child`. An error is logged once, where it stops. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warning(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every entry, for example { subsystem: "ingress" }. */
  child(fields: LogFields): Log;
}

const ORDER: readonly Severity[] = ["DEBUG", "INFO", "WARNING", "ERROR"];

/** A log that writes one JSON line per entry (Cloud Logging's structured form) to `write`, from `minimum` up. */
export function jsonLog(
  write: (line: string) => void,
  minimum: Severity,
  now: () => number,
  base: LogFields = {},
): Log {
  const emit =
    (severity: Severity) =>
    (message: string, fields: LogFields = {}) => {
      if (ORDER.indexOf(severity) < ORDER.indexOf(minimum)) return;
      const entry = { severity, timestamp: new Date(now()).toISOString(), message, ...base, ...describeErrors(fields) };
      write(`${JSON.stringify(entry)}\n`);
    };
  return {
    debug: emit("DEBUG"),
    info: emit("INFO"),
    warning: emit("WARNING"),
    error: emit("ERROR"),
    child: (fields) => jsonLog(write, minimum, now, { ...base, ...fields }),
  };
}

/** A log that drops everything; for callers that have nowhere to log to. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warning() {},
  error() {},
  child: () => silentLog,
};

function describeErrors(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? describeError(value) : value]),
  );
}

function describeError(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${describeError(error.cause)}` : "";
  // What went wrong first, and then what went wrong while it was cleaned up.
  if (error instanceof SuppressedError) {
    const { suppressed, error: later } = error as { suppressed: unknown; error: unknown };
    return [suppressed, later]
      .map((each) => (each instanceof Error ? describeError(each) : String(each)))
      .join("\nthen ");
  }
  return `${error.stack ?? error.message}${cause}`;
}
