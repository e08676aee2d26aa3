import type { Outcome } from "../../../platform/wakeups/wakeups.ts";
import type { Deployment, StoredFunction } from "../stored-function.ts";

/** A deployment as a step of it finds it. */
export interface Work {
  readonly stored: StoredFunction;
  readonly deployment: Deployment;
  readonly signal: AbortSignal;
}

/** What a step led to: "AGAIN" when the next look can be taken at once, since the stored state has changed. */
export type StepOutcome = Outcome | "AGAIN";

/** Another service still works; the time until the next look. */
export const STILL_WORKING: Outcome = { settled: false, retryInMs: 200 };
