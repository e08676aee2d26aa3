import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { Pool } from "undici";
import type { ServingPort } from "../serving.ts";

/** Connections from the host to one container. */
export interface Upstream {
  readonly address: string;
  readonly port: number;
  readonly protocol: "http1" | "h2c";
  /** Kept-alive HTTP/1.1 connections. */
  http1(): Pool;
  /** The HTTP/2 session, connected or about to be. */
  http2(): ClientHttp2Session;
  /** Lets go of connections without requests; the next request opens a new one. */
  dropIdle(): void;
  /** Cuts every connection; requests under way fail. */
  close(): void;
}

const POOL_OPTIONS: Pool.Options = {
  // The pool's own time limits are off: the request timeout of the revision rules.
  headersTimeout: 0,
  bodyTimeout: 0,
  connect: { timeout: 10_000 },
  // Shorter than any server's, unless it names its own: a request must not meet a connection that is being closed.
  keepAliveTimeout: 1_000,
  maxHeaderSize: 256 * 1024,
};

export function createUpstream(address: string, port: ServingPort): Upstream {
  const origin = `http://${address}:${port.number}`;
  let pool: Pool | undefined;
  let session: ClientHttp2Session | undefined;
  const pools = new Set<Pool>();

  const forget = (old: Pool, how: "close" | "destroy") => {
    void old[how]()
      .catch(() => undefined)
      .finally(() => pools.delete(old));
  };
  return {
    address,
    port: port.number,
    protocol: port.protocol,
    http1() {
      if (pool === undefined) {
        pool = new Pool(origin, POOL_OPTIONS);
        pools.add(pool);
      }
      return pool;
    },
    http2() {
      if (session === undefined || session.closed || session.destroyed) session = openSession(origin);
      return session;
    },
    dropIdle() {
      if (pool !== undefined) forget(pool, "close");
      pool = undefined;
      session?.close();
      session = undefined;
    },
    close() {
      for (const old of pools) forget(old, "destroy");
      pool = undefined;
      session?.destroy();
      session = undefined;
    },
  };
}

function openSession(origin: string): ClientHttp2Session {
  const session = connectHttp2(origin);
  // Streams report the failure to whoever waits for them.
  session.on("error", () => undefined);
  // Every request that comes while it connects waits for it.
  session.setMaxListeners(0);
  session.unref();
  return session;
}
