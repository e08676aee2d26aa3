import type { IncomingMessage, ServerResponse } from "node:http";
import { request as httpRequest } from "../../platform/node-http.ts";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { isLoopback } from "../../wire/http/loopback.ts";
import { hostKindOf } from "./google-hosts.ts";

const LAST_PORT = 65_535;

/** Whether a request came in absolute form ("GET http://host/path") for a host that is not homerun's. */
export function isForeignProxyRequest(request: IncomingMessage): boolean {
  const host = /^http:\/\/([^/:]+)/i.exec(request.url ?? "")?.[1];
  return host !== undefined && hostKindOf(host) === "foreign" && !isApiName(host);
}

/** Passes a plain HTTP proxy request on untouched; 400 when its URL is none, 403 for callers outside this machine. */
export function forwardRequest(request: IncomingMessage, response: ServerResponse): void {
  const refuse = (status: number, why: string) =>
    void response.writeHead(status, { "content-type": "text/plain" }).end(`homerun proxy: ${why}\n`);
  if (!mayPass(request.socket)) return refuse(403, "only for callers on this machine");
  if (!URL.canParse(request.url!)) return refuse(400, "malformed URL");
  const { "proxy-connection": _, "proxy-authorization": __, ...headers } = request.headers;
  const onward = httpRequest(request.url!, { method: request.method ?? "GET", headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", (error) => {
    if (!response.headersSent) response.writeHead(502, { "content-type": "text/plain" });
    response.end(`homerun proxy: ${error.message}\n`);
  });
  response.on("close", () => onward.destroy());
  request.pipe(onward);
}

/** Joins a CONNECT request to the host it names, untouched; 400 and 403 as for forwardRequest. */
export function tunnel(authority: string, socket: Duplex, head: Buffer): void {
  if (!mayPass(socket)) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  const [, host = "", port = "443"] = /^\[?([^\]]+?)\]?(?::(\d+))?$/.exec(authority) ?? [];
  if (host === "" || Number(port) > LAST_PORT) return void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  const upstream = connect(Number(port), host, () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    upstream.write(head);
    socket.pipe(upstream).pipe(socket);
  });
  upstream.on("error", () => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
  socket.on("error", () => upstream.destroy());
  socket.on("close", () => upstream.destroy());
  upstream.on("close", () => socket.destroy());
}

/**
 * The way through to other hosts is for callers on this machine: to anybody else, code in an instance first of all, it
 * would open what only this machine reaches, and lend the rights of the machine's owner.
 */
function mayPass(connection: Duplex): boolean {
  return isLoopback((connection as Partial<Socket>).remoteAddress ?? "");
}

/** "run.localhost", "us-central1-run.localhost" and "us-central1-localhost" are names of the API port itself. */
function isApiName(host: string): boolean {
  return /[.-]localhost$/i.test(host) && !/\.run\.localhost$/i.test(host);
}
