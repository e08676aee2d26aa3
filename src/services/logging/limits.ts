/** Largest log entry, bytes (cloud.google.com/logging/quotas: "Size of a LogEntry: 256 KB"). */
export const MAX_ENTRY_BYTES = 256 * 1024;
/** How long the _Default bucket keeps entries, ms (30 days). */
export const RETENTION_MS = 30 * 24 * 60 * 60 * 1000;
/** Time between two looks for entries past their retention, ms. */
export const RETENTION_CHECK_MS = 60 * 60 * 1000;
/** Rows read at once while looking for matches. */
export const SEARCH_BATCH = 1000;
export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 1000;
