import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";

/** A server on a free port of 127.0.0.1. */
export interface LocalServer extends AsyncDisposable {
  /** "http://127.0.0.1:PORT" */
  readonly url: string;
}

/** Answers HTTP requests by `handle`, and keeps them. */
export async function listenHttp(
  handle: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<LocalServer & { readonly requests: readonly IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    void handle(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    requests,
    url: urlOf(server.address()),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Calls `handle` for each bunch of bytes that a connection brings; what it writes need not be HTTP. */
export async function listenRaw(handle: (socket: Socket) => void): Promise<LocalServer> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("data", () => handle(socket));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: urlOf(server.address()),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function urlOf(address: AddressInfo | string | null): string {
  return `http://127.0.0.1:${(address as AddressInfo).port}`;
}
