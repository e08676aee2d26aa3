import { type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { hostKindOf } from "./google-hosts.ts";

/** Whether a request came in absolute form ("GET http://host/path") for a host that is not homerun's. */
export function isForeignProxyRequest(request: IncomingMessage): boolean {
  const host = /^http:\/\/([^/:]+)/i.exec(request.url ?? "")?.[1];
  return host !== undefined && hostKindOf(host) === "foreign" && !isApiName(host);
}

/** Passes a plain HTTP proxy request on untouched. */
export function forwardRequest(request: IncomingMessage, response: ServerResponse): void {
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

/** Joins a CONNECT request to the host it names, untouched. */
export function tunnel(authority: string, socket: Duplex, head: Buffer): void {
  const [, host = "", port = "443"] = /^\[?([^\]]+?)\]?(?::(\d+))?$/.exec(authority) ?? [];
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

/** "run.localhost", "us-central1-run.localhost" and "us-central1-localhost" are names of the API port itself. */
function isApiName(host: string): boolean {
  return /[.-]localhost$/i.test(host) && !/\.run\.localhost$/i.test(host);
}
