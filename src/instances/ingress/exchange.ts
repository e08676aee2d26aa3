import type { OutgoingHttpHeaders } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import { type Affinity, affinityCookie } from "../pool/affinity.ts";
import type { Instance } from "../pool/instance.ts";
import type { RevisionPool } from "../pool/revision-pool.ts";
import type { RevisionSpec } from "../serving.ts";
import type { IngressRequest } from "./request-body.ts";
import type { Trace } from "./trace.ts";

/** What the responses of both HTTP servers of Node have in common. */
export interface IngressResponse {
  /** Present for HTTP/2. */
  readonly stream?: ServerHttp2Stream;
  readonly headersSent: boolean;
  statusCode: number;
  setHeader(name: string, value: string | number | readonly string[]): unknown;
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
  /** Sends the headers at once. HTTP/2 does so by itself. */
  flushHeaders?(): void;
  write(chunk: Buffer): boolean;
  addTrailers(trailers: OutgoingHttpHeaders): void;
  end(): unknown;
  end(body: string): unknown;
  destroy(): unknown;
  on(event: "error", listener: () => void): unknown;
  once(event: "close" | "drain", listener: () => void): unknown;
  off(event: "close" | "drain", listener: () => void): unknown;
}

/** How a request came in. */
export interface Connection {
  readonly scheme: "http" | "https";
  readonly remoteAddress: string;
}

/** A request that may be served: where it goes, and what is counted of it for the request log. */
export interface Exchange {
  readonly request: IngressRequest;
  readonly connection: Connection;
  readonly startMs: number;
  readonly host: string;
  /** Path with query, as the container sees it. */
  readonly path: string;
  readonly url: string;
  readonly trace: Trace;
  readonly pool: RevisionPool;
  readonly spec: RevisionSpec;
  /** The instance that the caller's cookie asks for; only of revisions with session affinity. */
  readonly affinity: Affinity | undefined;
  /** Flat list for the container. */
  readonly headers: string[];
  instance: Instance | undefined;
  /** A Set-Cookie field that the response gets besides the container's own. */
  setCookie: string | undefined;
  status: number;
  requestBytes: number;
  responseBytes: number;
  /** Text of the request log entry, when something went wrong. */
  message: string | undefined;
}

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
  /** The signal aborted: timeout, or the caller has gone. */
  | "ABORTED";
