import { type Affinity, affinityCookie } from "../pool/affinity.ts";
import type { Instance } from "../pool/instance.ts";
import type { RevisionPool } from "../pool/revision-pool.ts";
import type { RevisionSpec } from "../serving.ts";
import type { IncomingStream } from "./incoming.ts";
import type { Trace } from "./trace.ts";

/** A request that may be served: where it goes, and what is counted of it for the request log. */
export interface Exchange {
  readonly stream: IncomingStream;
  readonly startMs: number;
  readonly host: string;
  /** Path with query, as the container sees it. */
  readonly path: string;
  readonly url: string;
  readonly userAgent: string;
  readonly trace: Trace;
  readonly pool: RevisionPool;
  readonly spec: RevisionSpec;
  /** The instance that the caller's cookie asks for; only of revisions with session affinity. */
  readonly affinity: Affinity | undefined;
  /** Flat list for the container. */
  readonly headers: readonly string[];
  /** Whether the caller takes trailers. */
  readonly takesTrailers: boolean;
  instance: Instance | undefined;
  /** A Set-Cookie field that the response gets besides the container's own. */
  setCookie: string | undefined;
  status: number;
  requestBytes: number;
  responseBytes: number;
  /** Text of the request log entry, when something went wrong. */
  message: string | undefined;
  /** Gives up what the request waits for now. */
  cancel: (() => void) | undefined;
  /** Why it is given up, once it is. */
  aborted: Abort | undefined;
}

/** Why a request is given up before it ends by itself. */
export type Abort = "TIMED_OUT" | "CALLER_GONE";

/** Notes the instance that gets the request, and what its response tells a client of a revision with session affinity. */
export function assign(exchange: Exchange, instance: Instance, nowMs: number): void {
  exchange.instance = instance;
  if (!exchange.spec.sessionAffinity) return;
  exchange.setCookie = affinityCookie(nowMs, exchange.affinity, exchange.pool.affinityKey, instance.id);
}

/** How forwarding a request to an instance ended. */
export type ForwardEnd =
  /** The response is complete. */
  | "DONE"
  /** No byte of the request reached the instance. */
  | "NOT_SENT"
  /** The instance broke off before its response began. */
  | "NO_RESPONSE"
  /** The instance broke off within its response; the caller has been cut off too. */
  | "CUT_OFF"
  | "REQUEST_TOO_LARGE"
  | "RESPONSE_TOO_LARGE"
  /** `cancel` was called: timeout, or the caller has gone. */
  | "ABORTED";
