import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import type { Duplex } from "node:stream";
import { once } from "node:events";
import type { Log } from "../../platform/log.ts";
import type { Ingress, Listening } from "../serving.ts";
import { detectProtocol } from "./first-bytes.ts";
import { type Http1Deps, Http1Connection } from "./http1-connection.ts";
import { createHttp2 } from "./http2-server.ts";
import type { Connection } from "./incoming.ts";
import { serve, type ServeDeps } from "./serve.ts";
import { createTimeouts } from "./timeouts.ts";

export interface IngressDeps extends Omit<ServeDeps, "onFailure" | "nowMs" | "timeouts"> {
  readonly log: Log;
  /** Connections beyond this many make one that waits for its caller end. */
  readonly maxConnections?: number;
}

const DEFAULT_HOST = "127.0.0.1";
/** Each takes some ten KiB; file descriptors are fewer than memory. */
const MAX_CONNECTIONS = 16_384;
/** What unfinished requests of all callers may take. */
const MAX_HELD_BYTES = 128 * 1024 * 1024;
/** How often connections are looked at whose callers take too long. */
const SWEEP_MS = 1_000;

/** The HTTP proxy in front of all services. Disposing closes listeners and cuts connections. */
export function createIngress(given: IngressDeps): Ingress & AsyncDisposable {
  const { nowMs } = given.clock;
  const onFailure = (cause: unknown) => given.log.error("ingress failed", { cause });
  const timeouts = createTimeouts(given.clock);
  const deps: ServeDeps = { ...given, nowMs, onFailure, timeouts };
  const connections = openConnections(deps, given.maxConnections ?? MAX_CONNECTIONS);
  const listeners = new Set<TcpServer>();
  const ownerOf = new WeakMap<Duplex, TcpServer>();

  const close = async (listener: TcpServer) => {
    listeners.delete(listener);
    const closed = once(listener, "close");
    listener.close();
    connections.destroy((socket) => ownerOf.get(socket) === listener);
    await closed;
  };

  return {
    handleConnection: connections.take,
    async listen({ host = DEFAULT_HOST, port }) {
      const listener = createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
        ownerOf.set(socket, listener);
        connections.take(socket, { scheme: "http", remoteAddress: socket.remoteAddress ?? "" });
      });
      listener.listen({ port, host, backlog: 4096 });
      await once(listener, "listening");
      listeners.add(listener);
      return listening(listener, () => close(listener));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...listeners].map(close));
      connections.destroy(() => true);
      connections[Symbol.dispose]();
      timeouts[Symbol.dispose]();
    },
  };
}

function listening(listener: TcpServer, close: () => Promise<void>): Listening {
  const { address, port } = listener.address() as AddressInfo;
  return { address, port, [Symbol.asyncDispose]: close };
}

/** All connections of callers: told apart by protocol, counted, and ended when they wait for too long. */
function openConnections(deps: ServeDeps, maxConnections: number) {
  const sockets = new Set<Duplex>();
  /** Those whose callers have nothing under way, longest first. */
  const waiting = new Set<Duplex>();
  const http1 = new Set<Http1Connection>();
  const onBusy = (socket: Duplex, isBusy: boolean) => {
    if (isBusy) waiting.delete(socket);
    else if (!socket.destroyed) waiting.add(socket);
  };
  const http2 = createHttp2({ handle: (stream) => serve(deps, stream), onBusy });
  const http1Deps: Http1Deps = {
    nowMs: deps.nowMs,
    handle: (stream) => serve(deps, stream),
    onBusy: ({ socket }, isBusy) => onBusy(socket, isBusy),
  };
  const sweep = deps.clock.every(SWEEP_MS, () => {
    const nowMs = deps.nowMs();
    let held = 0;
    for (const connection of http1) {
      connection.expire(nowMs);
      held += connection.heldBytes;
      if (held > MAX_HELD_BYTES && waiting.has(connection.socket)) connection.socket.destroy();
    }
  });
  const takeHttp1 = (socket: Duplex, connection: Connection) => {
    const taken = new Http1Connection(http1Deps, socket, connection);
    http1.add(taken);
    socket.once("close", () => http1.delete(taken));
  };
  const take: Ingress["handleConnection"] = (socket, { scheme, remoteAddress }) => {
    const connection = { scheme, remoteAddress: plainAddress(remoteAddress) };
    if (sockets.size >= maxConnections && !evict(waiting)) return void socket.destroy();
    sockets.add(socket);
    waiting.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      waiting.delete(socket);
    });
    socket.on("error", () => socket.destroy());
    detectProtocol(deps.clock, socket, (protocol) => {
      if (protocol === "http1") takeHttp1(socket, connection);
      else http2.take(socket, connection);
    });
  };
  return {
    take,
    destroy(matches: (socket: Duplex) => boolean) {
      for (const socket of sockets) if (matches(socket)) socket.destroy();
    },
    [Symbol.dispose]: () => sweep[Symbol.dispose](),
  };
}

/** Ends the connection that has waited for its caller longest; false when all are busy. */
function evict(waiting: Set<Duplex>): boolean {
  const [longest] = waiting;
  if (longest === undefined) return false;
  waiting.delete(longest);
  longest.destroy();
  return true;
}

/** An IPv4 address that a dual-stack socket shows as IPv6, in its own form. */
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
}
