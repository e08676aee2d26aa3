import { createServer as createHttp1Server, type IncomingMessage, type Server as Http1Server } from "node:http";
import { createServer as createHttp2Server, type Http2Server, type Http2Session } from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import type { Duplex } from "node:stream";
import { once } from "node:events";
import type { Log } from "../../platform/log.ts";
import type { Ingress, Listening } from "../serving.ts";
import type { Connection, IngressResponse } from "./exchange.ts";
import { detectProtocol } from "./first-bytes.ts";
import { declaredLength, type IngressRequest } from "./request-body.ts";
import { internalError } from "./pages.ts";
import { sendPage, serve, type ServeDeps } from "./serve.ts";
import { serveUpgrade } from "./upgrade.ts";

export interface IngressDeps extends ServeDeps {
  readonly log: Log;
}

const MAX_HEADER_BYTES = 64 * 1024;
const KEEP_ALIVE_MS = 620_000;
const DEFAULT_HOST = "127.0.0.1";

/** The HTTP proxy in front of all services. Disposing closes listeners and cuts connections. */
export function createIngress(deps: IngressDeps): Ingress & AsyncDisposable {
  const connections = new WeakMap<object, Connection>();
  const sockets = new Set<Duplex>();
  const listeners = new Set<TcpServer>();
  const servers = createServers(deps, connections);

  const handleConnection: Ingress["handleConnection"] = (socket, { scheme, remoteAddress }) => {
    const connection = { scheme, remoteAddress: plainAddress(remoteAddress) };
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    detectProtocol(deps.clock, socket, (protocol) => servers.take(protocol, socket, connection));
  };

  const close = async (listener: TcpServer) => {
    listeners.delete(listener);
    const closed = once(listener, "close");
    listener.close();
    for (const socket of sockets) if (ownerOf.get(socket) === listener) socket.destroy();
    await closed;
  };
  const ownerOf = new WeakMap<Duplex, TcpServer>();

  return {
    handleConnection,
    async listen({ host = DEFAULT_HOST, port }) {
      const listener = createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
        ownerOf.set(socket, listener);
        handleConnection(socket, { scheme: "http", remoteAddress: socket.remoteAddress ?? "" });
      });
      listener.listen(port, host);
      await once(listener, "listening");
      listeners.add(listener);
      return listening(listener, () => close(listener));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...listeners].map(close));
      for (const socket of sockets) socket.destroy();
    },
  };
}

function listening(listener: TcpServer, close: () => Promise<void>): Listening {
  const { address, port } = listener.address() as AddressInfo;
  return { address, port, [Symbol.asyncDispose]: close };
}

/** The two HTTP servers, which get their connections by hand. */
function createServers(deps: IngressDeps, connections: WeakMap<object, Connection>) {
  const http1 = createHttp1Server({
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: 0,
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === "websocket",
  });
  const http2 = createHttp2Server({ maxSessionMemory: 100, settings: { maxConcurrentStreams: 1000 } });
  const handle = (request: IngressRequest, response: IngressResponse) => {
    const key = "stream" in request ? request.stream.session : request.socket;
    const connection = (key === undefined ? undefined : connections.get(key)) ?? NOWHERE;
    // What breaks off on either side is told by other ways; an event without a listener would end the process.
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    serve(deps, request, response, connection).catch((cause: unknown) => {
      deps.log.error("ingress failed", { cause });
      sendPage(response, internalError);
    });
  };
  serveHttp1(deps, http1, handle, connections);
  serveHttp2(http2, handle);
  return {
    take(protocol: "http1" | "http2", socket: Duplex, connection: Connection) {
      if (protocol === "http1") {
        connections.set(socket, connection);
        http1.emit("connection", socket);
        return;
      }
      http2.once("session", (session: Http2Session) => connections.set(session, connection));
      socket.once("end", () => socket.end());
      http2.emit("connection", socket);
    },
  };
}

const NOWHERE: Connection = { scheme: "http", remoteAddress: "" };

type Handle = (request: IngressRequest, response: IngressResponse) => void;

function serveHttp1(
  deps: IngressDeps,
  server: Http1Server,
  handle: Handle,
  connections: WeakMap<object, Connection>,
): void {
  server.on("request", handle);
  server.on("checkContinue", (request: IncomingMessage, response) => {
    // A body that will be refused need not be sent.
    if (declaredLength(request) <= deps.maxHttp1Bytes) response.writeContinue();
    handle(request, response);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    serveUpgrade(deps, request, socket, head, connections.get(socket) ?? NOWHERE).catch((cause: unknown) => {
      deps.log.error("ingress failed", { cause });
      socket.destroy();
    });
  });
}

function serveHttp2(server: Http2Server, handle: Handle): void {
  server.on("request", handle);
  server.on("checkContinue", (request, response) => {
    response.writeContinue();
    handle(request, response);
  });
  server.on("sessionError", () => undefined);
}

/** An IPv4 address that a dual-stack socket shows as IPv6, in its own form. */
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
}
