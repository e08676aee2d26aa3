import type { Principal } from "./credentials/principal.ts";

/** Everything about one API call but its request message. */
export interface Call {
  /** Who calls, once authenticated. */
  readonly principal: Principal;
  /** Unique per call; in logs and audit entries. */
  readonly requestId: string;
  /** Scheme and authority the client used ("https://storage.googleapis.com"), for links in answers. */
  readonly origin: string;
  /** Address of the peer, or "in-process". */
  readonly callerIp: string;
  readonly userAgent: string;
  /** Aborts when the client goes away or its deadline passes. */
  readonly signal: AbortSignal;
}
