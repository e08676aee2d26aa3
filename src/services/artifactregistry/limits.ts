/** Limits and times of the registry. */
export const LIMITS = {
  page: 1000,
  defaultPage: 100,
  /** Largest image configuration that is looked into, bytes. */
  configBytes: 4 * 1024 * 1024,
  /** An upload nobody finishes ends after this. */
  uploadMs: 24 * 60 * 60 * 1000,
  /** A blob that no manifest names stays this long after its last use: its manifest may be on the way. */
  unusedBlobMs: 60 * 60 * 1000,
  /** How exactly the last use of a blob is kept. */
  useTimeStepMs: 10 * 60 * 1000,
} as const;
