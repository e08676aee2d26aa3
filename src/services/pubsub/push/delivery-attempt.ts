import type { LeasedMessage } from "../messages/engine.ts";

/** One push of one message, when it is over. */
export interface DeliveryAttempt {
  /** Full name. */
  readonly subscription: string;
  readonly leased: Pick<LeasedMessage, "message" | "encoded">;
  /** Counts from 1; 0 for a replay. */
  readonly attempt: number;
  /** The endpoint's URL. */
  readonly endpoint: string;
  /** Milliseconds since the Unix epoch. */
  readonly startMs: number;
  readonly latencyMs: number;
  readonly outcome: AttemptOutcome;
  /** HTTP status of the response; undefined when there was none. */
  readonly status: number | undefined;
  /** Why it failed, or how the response's body begins; empty after a success. */
  readonly detail: string;
  /** The trace that ingress put the request into, 32 hexadecimal digits; undefined for other endpoints. */
  readonly traceId: string | undefined;
}

/** DROPPED: it failed, and its subscription wants no other attempt. */
export type AttemptOutcome = "DELIVERED" | "FAILED" | "DROPPED";
