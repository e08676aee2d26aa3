/** What delivery has to know of a message. */
export interface MessageFacts {
  readonly seq: number;
  readonly bytes: number;
  /** Empty when its order does not matter. */
  readonly key: string;
  /** False when the subscription's filter does not let it through. */
  readonly matches: boolean;
}

/** The messages of a log in order, as far as they are in memory. */
export interface MessageSource {
  /** Number of the first message that is not published yet. */
  readonly end: number;
  /** Undefined when it has to be read first. */
  at(seq: number): MessageFacts | undefined;
}

/** How a subscription wants its messages. */
export interface DeliverySettings {
  readonly ordered: boolean;
  readonly exactlyOnce: boolean;
  /** Waits before a message is delivered again; absent: it is delivered again at once. */
  readonly backoff?: { readonly minMs: number; readonly maxMs: number };
  /** After so many deliveries that were not acknowledged a message is a dead letter; absent: never. */
  readonly maxDeliveryAttempts?: number;
  readonly maxOutstanding: number;
  readonly maxHeldBack: number;
}

/** Where a message is that was handed out once or skipped, and is not acknowledged. */
export type Status = "leased" | "ready" | "delayed" | "held" | "dead";

/** One message between the cursor and the newest one that was looked at. Only the delivery state changes it. */
export interface Outstanding {
  readonly seq: number;
  readonly bytes: number;
  readonly key: string;
  status: Status;
  /** Deliveries that were not acknowledged. */
  failures: number;
  /** Number of the last lease; 0 when it was taken back. */
  lease: number;
  deadlineMs: number;
  owner: string | undefined;
  /** When it may be handed out again, if it waits in its ordering key; 0: at once. */
  dueMs: number;
  /** Who may have more of its ordering key meanwhile. */
  holder: string | undefined;
}

/** A message that was not handed out yet. */
export function newEntry({ seq, bytes, key }: MessageFacts, failures: number): Outstanding {
  return {
    seq,
    bytes,
    key,
    status: "held",
    failures,
    lease: 0,
    deadlineMs: 0,
    owner: undefined,
    dueMs: 0,
    holder: undefined,
  };
}

/** A message that is handed out. */
export interface Grant {
  readonly seq: number;
  readonly lease: number;
  /** From 1. */
  readonly attempt: number;
}

export interface GrantRequest {
  readonly maxMessages: number;
  /** Granting ends with the message that reaches this size. */
  readonly maxBytes: number;
  readonly deadlineMs: number;
  readonly owner: string | undefined;
}

/** Grants, and the message that has to be read before there can be more. */
export interface Granted {
  readonly grants: readonly Grant[];
  readonly missing: number | undefined;
}
