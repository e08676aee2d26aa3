import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Lease } from "../pool/revision-pool.ts";
import { admit } from "./admit.ts";
import { assign, type Connection, type Exchange } from "./exchange.ts";
import { refusalPage } from "./failure-pages.ts";
import { connectionError, type Page, rawResponse, timedOut, timedOutMessage } from "./pages.ts";
import { requestLogEntry } from "./request-log.ts";
import type { ServeDeps } from "./serve.ts";

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;

/**
 * Serves a WebSocket: hands the upgrade request to an instance and then passes bytes both ways until one side closes, or
 * the request timeout, which counts for WebSockets too. Google: Cloud Run, "Using WebSockets".
 */
export async function serveUpgrade(
  deps: ServeDeps,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  connection: Connection,
): Promise<void> {
  socket.once("error", () => undefined);
  const { exchange, refused } = await admit(deps, request, connection);
  if (exchange === undefined) {
    socket.end(rawResponse(refused));
    return;
  }
  if (refused !== undefined) refuse(exchange, socket, refused);
  else if ((await tunnelInTime(deps, exchange, socket, head)) === "REMOVED") {
    return serveUpgrade(deps, request, socket, head, connection);
  }
  deps.writeLog(requestLogEntry(exchange, deps.clock.nowMs()));
}

async function tunnelInTime(
  deps: ServeDeps,
  exchange: Exchange,
  socket: Duplex,
  head: Buffer,
): Promise<"ENDED" | "REMOVED"> {
  const controller = new AbortController();
  using _timer = deps.clock.after(exchange.spec.timeoutSeconds * 1000, () => {
    exchange.message = timedOutMessage;
    controller.abort();
  });
  const onClose = () => controller.abort();
  socket.once("close", onClose);
  const acquired = await exchange.pool.acquire(controller.signal, exchange.affinity?.instanceId).catch(() => undefined);
  if (acquired === undefined) socket.destroy();
  else if ("lease" in acquired) await tunnel(deps, acquired.lease, exchange, socket, head, controller.signal);
  else if (acquired.refusal !== "REVISION_REMOVED") refuse(exchange, socket, refusalPage(acquired));
  else return "REMOVED";
  return "ENDED";
}

/** Resolves when both directions are closed. */
async function tunnel(
  deps: ServeDeps,
  lease: Lease,
  exchange: Exchange,
  socket: Duplex,
  head: Buffer,
  signal: AbortSignal,
): Promise<void> {
  using _held = lease;
  const { address, port } = lease.instance.upstream;
  assign(exchange, lease.instance, deps.clock.nowMs());
  const upstream = connect({ host: address, port, noDelay: true });
  const closed = new Promise<void>((resolve) => upstream.once("close", () => resolve()));
  signal.addEventListener("abort", () => upstream.destroy(), { once: true });
  if (signal.aborted) upstream.destroy();
  upstream.once("connect", () => {
    upstream.write(upgradeHead(exchange), "latin1");
    if (head.length > 0) upstream.write(head);
    socket.pipe(upstream);
  });
  upstream.once("data", (chunk: Buffer) => {
    exchange.status = Number(STATUS_LINE.exec(chunk.toString("latin1", 0, 16))?.[1] ?? 0);
    socket.write(withCookie(chunk, exchange.setCookie));
    upstream.pipe(socket);
  });
  upstream.once("error", () => undefined);
  await closed;
  finish(exchange, socket, upstream);
}

/** Adds a field below the status line, which is in the first chunk. */
function withCookie(chunk: Buffer, setCookie: string | undefined): Buffer {
  const end = setCookie === undefined ? -1 : chunk.indexOf("\r\n");
  if (end < 0) return chunk;
  return Buffer.concat([chunk.subarray(0, end), Buffer.from(`\r\nSet-Cookie: ${setCookie}`), chunk.subarray(end)]);
}

function finish(exchange: Exchange, socket: Duplex, upstream: Socket): void {
  exchange.requestBytes = upstream.bytesWritten;
  exchange.responseBytes = upstream.bytesRead;
  if (exchange.status === 0) refuse(exchange, socket, exchange.message === undefined ? connectionError : timedOut);
  else socket.end(() => socket.destroy());
}

function upgradeHead({ request, path, headers }: Exchange): string {
  const lines = [`${request.method} ${path} HTTP/1.1`];
  for (let n = 0; n < headers.length; n += 2) lines.push(`${headers[n]}: ${headers[n + 1]}`);
  lines.push("Connection: Upgrade", `Upgrade: ${request.headers.upgrade ?? "websocket"}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function refuse(exchange: Exchange, socket: Duplex, page: Page): void {
  exchange.status = page.status;
  exchange.message ??= page.logMessage;
  exchange.responseBytes = page.body.length;
  socket.end(rawResponse(page));
}
