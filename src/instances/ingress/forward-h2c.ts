import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from "node:http2";
import { constants } from "node:http2";
import type { Fields } from "../http1/fields.ts";
import type { Exchange, ForwardEnd } from "./exchange.ts";
import type { ForwardDeps } from "./forward-http1.ts";
import { responseFields, toHttp2Headers, trailerFields } from "./headers.ts";

type ResponseHeaders = IncomingHttpHeaders & IncomingHttpStatusHeader;

/**
 * Sends a request to a container that speaks HTTP/2 without TLS (gRPC too) and streams the response and its trailers back;
 * then calls `done`, once. There is no limit of size. Google: Cloud Run, "Use HTTP/2 for services".
 */
export function forwardH2c(deps: ForwardDeps, exchange: Exchange, done: (end: ForwardEnd) => void): void {
  const { stream: caller } = exchange;
  const session = exchange.instance!.upstream.http2();
  const stream = open(session, exchange);
  if (stream === undefined) return done("NO_RESPONSE");
  let [connected, started, ended] = [false, false, false];

  const finish = (end: ForwardEnd) => {
    if (ended) return;
    ended = true;
    exchange.cancel = undefined;
    caller.onDrain = undefined;
    if (end === "CUT_OFF") caller.cutOff(stream.rstCode || constants.NGHTTP2_INTERNAL_ERROR);
    done(end);
  };
  exchange.cancel = () => {
    stream.close(constants.NGHTTP2_CANCEL);
    finish("ABORTED");
  };
  stream.once("response", (headers: ResponseHeaders, flags: number) => {
    started = true;
    const hasEnded = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    startResponse(deps, exchange, headers, hasEnded);
    let trailers: Fields = [];
    stream.once("trailers", (fields: IncomingHttpHeaders) => (trailers = toFields(fields)));
    relay(stream, exchange);
    stream.once("end", () => {
      if (stream.aborted || ended) return;
      caller.end(trailerFields(trailers));
      finish("DONE");
    });
  });
  stream.once("error", () => undefined);
  stream.once("close", () => finish(started ? "CUT_OFF" : connected ? "NO_RESPONSE" : "NOT_SENT"));
  whenConnected(session, () => {
    connected = true;
    if (caller.body !== undefined && !ended) sendBody(stream, exchange);
  });
}

/** The stream of a request; undefined when it has headers that HTTP/2 cannot say. */
function open(session: ClientHttp2Session, exchange: Exchange): ClientHttp2Stream | undefined {
  const hasBody = exchange.stream.body !== undefined;
  try {
    return session.request(requestFields(exchange), { endStream: !hasBody, waitForTrailers: hasBody });
  } catch {
    return undefined;
  }
}

/** Nothing of a body is read before there is a connection, so that it can be sent to another instance. */
function whenConnected(session: ClientHttp2Session, action: () => void): void {
  if (session.connecting) session.once("connect", action);
  else action();
}

function sendBody(stream: ClientHttp2Stream, exchange: Exchange): void {
  const { stream: caller } = exchange;
  stream.on("drain", () => caller.resumeBody());
  caller.readBody({
    data(chunk) {
      exchange.requestBytes += chunk.length;
      if (stream.destroyed) caller.resumeBody();
      else if (!stream.write(chunk)) caller.pauseBody();
    },
    end(trailers) {
      stream.once("wantTrailers", () => stream.sendTrailers(toHttp2Headers(trailerFields(trailers))));
      stream.end();
    },
  });
}

function requestFields({ stream, path, host, headers, takesTrailers }: Exchange) {
  return {
    ...toHttp2Headers(headers),
    ...(takesTrailers ? { te: "trailers" } : {}),
    ":method": stream.method,
    ":path": path,
    ":authority": host,
    ":scheme": "http",
  };
}

function startResponse(deps: ForwardDeps, exchange: Exchange, headers: ResponseHeaders, hasEnded: boolean): void {
  const { stream, trace, setCookie } = exchange;
  const status = headers[":status"] ?? 200;
  exchange.status = status;
  const fields = responseFields(toFields(headers), [], trace, deps.nowMs());
  if (setCookie !== undefined) fields.push("Set-Cookie", setCookie);
  const declared = headers["content-length"];
  stream.begin(status, fields, declared === undefined ? undefined : Number(declared));
  // Headers that end the stream, such as a gRPC error, stay one frame: end() sends them.
  if (!hasEnded) stream.flush();
}

function relay(stream: ClientHttp2Stream, exchange: Exchange): void {
  const { stream: caller } = exchange;
  caller.onDrain = () => void stream.resume();
  stream.on("data", (chunk: Buffer) => {
    exchange.responseBytes += chunk.length;
    const hasRoom = caller.write(chunk);
    caller.flush();
    if (!hasRoom) stream.pause();
  });
}

function toFields(headers: IncomingHttpHeaders): string[] {
  const fields: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(":")) continue;
    for (const each of Array.isArray(value) ? value : [value]) fields.push(name, each);
  }
  return fields;
}
