import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from "node:http2";
import { constants } from "node:http2";
import type { Exchange, ForwardEnd, IngressResponse } from "./exchange.ts";
import { addField, toHttp2Headers } from "./headers.ts";
import { declaredLength, hasBody, RequestBody } from "./request-body.ts";

type ResponseHeaders = IncomingHttpHeaders & IncomingHttpStatusHeader;

const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);

/**
 * Sends a request to a container that speaks HTTP/2 without TLS (gRPC too) and streams the response and its trailers back.
 * There is no limit of size. Never rejects. Google: Cloud Run, "Use HTTP/2 for services".
 */
export function forwardH2c(exchange: Exchange, response: IngressResponse, signal: AbortSignal): Promise<ForwardEnd> {
  const { instance, request } = exchange;
  if (instance === undefined) return Promise.resolve("NOT_SENT");
  const { promise, resolve } = Promise.withResolvers<ForwardEnd>();
  const body = hasBody(request) ? new RequestBody(request, Infinity) : undefined;
  const session = instance.upstream.http2();
  const stream = session.request(requestFields(exchange), { endStream: body === undefined });
  let connected = false;
  let started = false;

  const onAbort = () => {
    stream.close(constants.NGHTTP2_CANCEL);
    finish("ABORTED");
  };
  let ended = false;
  const finish = (end: ForwardEnd) => {
    if (ended) return;
    ended = true;
    signal.removeEventListener("abort", onAbort);
    exchange.requestBytes = body?.bytes ?? declaredLength(request);
    if (end === "CUT_OFF") cutOff(response, stream.rstCode);
    resolve(end);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  stream.once("response", (headers: ResponseHeaders, flags: number) => {
    started = true;
    startResponse(exchange, response, headers, flags);
    relay(stream, exchange, response);
    stream.once("end", () => {
      if (stream.aborted) return;
      response.end();
      finish("DONE");
    });
  });
  stream.once("error", () => undefined);
  stream.once("close", () => {
    if (started) finish("CUT_OFF");
    else finish(connected ? "NO_RESPONSE" : "NOT_SENT");
  });
  body?.once("error", () => stream.close(constants.NGHTTP2_CANCEL));
  whenConnected(session, () => {
    connected = true;
    body?.pipe(stream);
  });
  if (signal.aborted) onAbort();
  return promise;
}

/** Nothing of a body is read before there is a connection, so that it can be sent to another instance. */
function whenConnected(session: ClientHttp2Session, action: () => void): void {
  if (session.connecting) session.once("connect", action);
  else action();
}

function requestFields({ request, path, host, headers }: Exchange) {
  const te = request.headers.te?.includes("trailers") === true ? { te: "trailers" } : {};
  return {
    ...toHttp2Headers(headers),
    ...te,
    ":method": request.method ?? "GET",
    ":path": path,
    ":authority": host,
    ":scheme": "http",
  };
}

function startResponse(exchange: Exchange, response: IngressResponse, headers: ResponseHeaders, flags: number): void {
  const status = headers[":status"] ?? 200;
  exchange.status = status;
  response.statusCode = status;
  if (exchange.setCookie !== undefined) addField(headers, "set-cookie", exchange.setCookie);
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(":") || HOP_BY_HOP.has(name)) continue;
    response.setHeader(name, value);
  }
  // Headers that end the stream, such as a gRPC error, stay one frame: end() sends them.
  if ((flags & constants.NGHTTP2_FLAG_END_STREAM) === 0) response.flushHeaders?.();
}

function relay(stream: ClientHttp2Stream, exchange: Exchange, response: IngressResponse): void {
  stream.on("data", (chunk: Buffer) => {
    exchange.responseBytes += chunk.length;
    if (response.write(chunk)) return;
    stream.pause();
    response.once("drain", () => stream.resume());
  });
  stream.once("trailers", (trailers: IncomingHttpHeaders) => {
    response.addTrailers(trailers);
  });
}

/** Breaks off the caller's response with the error code that the container gave. */
function cutOff(response: IngressResponse, code: number | undefined): void {
  if (response.stream === undefined) response.destroy();
  else response.stream.close(code ?? constants.NGHTTP2_INTERNAL_ERROR);
}
