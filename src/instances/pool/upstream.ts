import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { ClientConnection } from "../http1/client-connection.ts";
import type { ServingPort } from "../serving.ts";

/** Connections from the host to one container. */
export interface Upstream {
  readonly address: string;
  readonly port: number;
  readonly protocol: "http1" | "h2c";
  /** An HTTP/1.1 connection for one request: one that was kept, or a new one. */
  http1(nowMs: number): ClientConnection;
  /** Takes a connection back whose request has ended, if it can be used again. */
  giveBack(connection: ClientConnection, nowMs: number): void;
  /** The HTTP/2 session, connected or about to be. */
  http2(): ClientHttp2Session;
  /** Lets go of connections without requests; the next request opens a new one. */
  dropIdle(): void;
  /** Cuts every connection; requests under way fail. */
  close(): void;
}

/** Shorter than what servers allow: a request must not meet a connection that is being closed. */
const KEEP_ALIVE_MS = 1_000;

export function createUpstream(address: string, port: ServingPort): Upstream {
  const all = new Set<ClientConnection>();
  /** Last used last. */
  const idle: ClientConnection[] = [];
  let session: ClientHttp2Session | undefined;
  let generation = 0;

  const onClosed = (connection: ClientConnection) => {
    all.delete(connection);
    const index = idle.indexOf(connection);
    if (index >= 0) idle.splice(index, 1);
  };
  const drop = () => {
    // Destroying takes each out of the list, later.
    for (const connection of idle.splice(0)) connection.destroy();
  };
  return {
    address,
    port: port.number,
    protocol: port.protocol,
    http1(nowMs) {
      for (let kept = idle.pop(); kept !== undefined; kept = idle.pop()) {
        if (kept.usable && nowMs - kept.idleSinceMs < KEEP_ALIVE_MS) return kept;
        kept.destroy();
      }
      const connection = new ClientConnection(address, port.number, onClosed);
      all.add(connection);
      connection.generation = generation;
      return connection;
    },
    giveBack(connection, nowMs) {
      if (!connection.usable) return;
      // From before everything idle was dropped.
      if (connection.generation !== generation) {
        connection.destroy();
        return;
      }
      connection.idleSinceMs = nowMs;
      idle.push(connection);
    },
    http2() {
      if (session === undefined || session.closed || session.destroyed) {
        session = openSession(`http://${address}:${port.number}`);
      }
      return session;
    },
    dropIdle() {
      generation++;
      drop();
      session?.close();
      session = undefined;
    },
    close() {
      for (const connection of all) connection.abort();
      idle.length = 0;
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
