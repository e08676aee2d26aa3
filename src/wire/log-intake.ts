/** A log entry as Cloud Logging keeps it, which nothing has to be checked of or added to. */
export interface FinishedLogEntry {
  /** The project's id. */
  readonly project: string;
  /** "projects/PROJECT_ID/logs/LOG_ID" with a URL-encoded log id. */
  readonly log_name: string;
  /** The entry's time, ms since the Unix epoch. */
  readonly timestamp_ms: number;
  /** google.logging.v2.LogEntry as canonical JSON, with receive time and insert id. */
  readonly message: string;
}

/**
 * Keeps entries as WriteLogEntries does, without a message and a call for each. For what the platform itself says of every
 * request: requests pay for what this costs. Resolves once the entries can be read.
 */
export type TakeLogEntries = (entries: readonly FinishedLogEntry[]) => Promise<void>;
