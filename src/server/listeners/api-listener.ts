import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import { type AddressInfo, createServer as createNetServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type SecureContext, TLSSocket } from "node:tls";
import type { Log } from "../../platform/log.ts";
import { createServer as createHttpServer } from "../../platform/node-http.ts";
import type { GrpcServer } from "../../wire/grpc/grpc-server.ts";
import type { ApiHandler } from "../../wire/http/api-handler.ts";
import type { CertificateAuthority } from "../tls/certificate-authority.ts";
import { createConnectionLimit, expectFirstBytes } from "./connection-limit.ts";
import { onFirstBytes } from "./first-bytes.ts";
import { forwardRequest, isForeignProxyRequest, tunnel } from "./forward.ts";
import { hostKindOf } from "./google-hosts.ts";

export interface ApiListenerDeps {
  readonly handleApi: ApiHandler;
  readonly grpc: GrpcServer;
  readonly authority: CertificateAuthority;
  /** Takes over decrypted or plain connections that are for functions. */
  readonly handleServiceConnection: (
    connection: Duplex,
    options: { readonly scheme: "http" | "https"; readonly remoteAddress: string },
  ) => void;
  readonly log: Log;
}

/** The API port: HTTP/1.1, gRPC (h2c), TLS and an HTTP proxy, told apart by the first bytes of each connection. */
export interface ApiListener extends AsyncDisposable {
  /** Listens on an address; port 0 picks a free one. Resolves with the port. May be called for several addresses. */
  listen(port: number, address: string): Promise<number>;
}

export function createApiListener(deps: ApiListenerDeps): ApiListener {
  const connections = new Set<Duplex>();
  const isWithinLimit = createConnectionLimit();
  const http = createHttp(deps, (authority, socket, head) => onConnect(authority, socket, head));
  const servers: ReturnType<typeof createNetServer>[] = [];

  const accept = (connection: Duplex) => {
    onFirstBytes(connection, (protocol) => {
      if (protocol === "tls") return endTls(connection, undefined);
      if (protocol === "http2") return deps.grpc.handleConnection(connection);
      http.emit("connection", connection);
    });
  };
  const onConnect = (authority: string, socket: Duplex, head: Buffer) => {
    const hostname = authority.replace(/:\d+$/, "");
    if (hostKindOf(hostname) === "foreign") return tunnel(authority, socket, head);
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length) socket.unshift(head);
    onFirstBytes(socket, (protocol) => {
      if (protocol === "tls") endTls(socket, hostname);
      else route(socket, hostname, "http");
    });
  };
  const endTls = (connection: Duplex, tunnelHost: string | undefined) =>
    decrypt(deps.authority, connection, tunnelHost, {
      started: (secure) => track(connections, secure),
      secured: (secure) => route(secure, serverNameOf(secure) ?? tunnelHost ?? "", "https"),
    });
  const route = (connection: Duplex, hostname: string, scheme: "http" | "https") => {
    if (hostKindOf(hostname) === "service") {
      const { remoteAddress = "" } = connection as Partial<Socket>;
      return deps.handleServiceConnection(connection, { scheme, remoteAddress });
    }
    accept(connection);
  };
  return {
    listen(port, address) {
      const server = createNetServer((socket) => {
        if (!isWithinLimit(socket)) return void socket.destroy();
        track(connections, socket);
        socket.setNoDelay(true);
        expectFirstBytes(socket);
        accept(socket);
      });
      servers.push(server);
      return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, address, () => resolve((server.address() as AddressInfo).port));
      });
    },
    async [Symbol.asyncDispose]() {
      http.close();
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const connection of connections) connection.destroy();
      deps.grpc.close();
      await Promise.all(closed);
    },
  };
}

/** The HTTP/1.1 server, which gets its connections by hand. */
function createHttp(
  deps: ApiListenerDeps,
  onConnect: (authority: string, socket: Duplex, head: Buffer) => void,
): HttpServer {
  const http = createHttpServer({ requestTimeout: 0, keepAliveTimeout: 620_000 }, (request, response) => {
    answer(deps, request, response);
  });
  http.on("connect", ({ url = "" }: IncomingMessage, socket: Duplex, head: Buffer) => onConnect(url, socket, head));
  // It never listens, which is when it would begin to end connections whose request's head takes too long.
  http.emit("listening");
  return http;
}

function startTls(connection: Duplex, options: ReturnType<typeof tlsOptions>, then: () => void): TLSSocket {
  const secure = new TLSSocket(connection, { isServer: true, ...options });
  secure.on("error", () => secure.destroy());
  secure.once("secure", () => {
    // As tls.Server does for its own sockets: HTTP/2 sessions wait for it, and break on data that comes before.
    Object.assign(secure, { secureConnecting: false });
    then();
  });
  return secure;
}

function answer(deps: ApiListenerDeps, request: IncomingMessage, response: ServerResponse): void {
  const scheme = request.socket instanceof TLSSocket ? "https" : "http";
  if (isForeignProxyRequest(request)) forwardRequest(request, response);
  else void deps.handleApi(request, response, scheme);
}

/** Ends TLS on a connection; clients that name no server, since they connect to an address, get that address's certificate. */
function decrypt(
  authority: CertificateAuthority,
  connection: Duplex,
  tunnelHost: string | undefined,
  on: { readonly started: (secure: TLSSocket) => void; readonly secured: (secure: TLSSocket) => void },
): void {
  const { localAddress = "localhost" } = connection as Partial<Socket>;
  const begin = (secureContext: SecureContext) => {
    const options = { secureContext, ...tlsOptions(authority, tunnelHost) };
    const secure = startTls(connection, options, () => on.secured(secure));
    on.started(secure);
  };
  authority.secureContext(tunnelHost ?? localAddress).then(begin, () => connection.destroy());
}

/** HTTP/1.1 where the client can speak it; HTTP/2 only for clients that know nothing else, which are gRPC ones. */
function tlsOptions(authority: CertificateAuthority, fallbackHost: string | undefined) {
  return {
    SNICallback(servername: string, done: (error: Error | null, context?: SecureContext) => void) {
      authority.secureContext(servername || fallbackHost || "localhost").then(
        (context) => done(null, context),
        (error: Error) => done(error),
      );
    },
    ALPNCallback: ({ protocols }: { protocols: readonly string[] }) =>
      protocols.includes("http/1.1") ? "http/1.1" : protocols.find((protocol) => protocol === "h2"),
  };
}

function serverNameOf(socket: TLSSocket): string | undefined {
  return (socket as { servername?: string | false }).servername || undefined;
}

function track(connections: Set<Duplex>, connection: Duplex): void {
  connections.add(connection);
  connection.once("close", () => connections.delete(connection));
}
