import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Fields } from "../http1/fields.ts";
import { toHttp2Headers } from "./headers.ts";
import type { BodySink, Connection, IncomingStream } from "./incoming.ts";

const NONE: readonly string[] = [];

/** One request on a caller's HTTP/2 connection. */
export class Http2Stream implements IncomingStream {
  readonly connection: Connection;
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly protocol = "HTTP/2";
  readonly fields: Fields;
  readonly hopByHop = NONE;
  readonly body: number | "chunked" | undefined;
  readonly upgrade = false;
  onGone: (() => void) | undefined;
  onDrain: (() => void) | undefined;
  started = false;
  isGone = false;
  readonly #stream: ServerHttp2Stream;
  readonly #expectsContinue: boolean;
  #begin: { readonly status: number; readonly fields: Fields; readonly length: number | undefined } | undefined;
  #isEnded = false;
  #trailers: Fields = NONE;
  #bodyTrailers: Fields = NONE;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: Fields, connection: Connection) {
    this.#stream = stream;
    this.connection = connection;
    this.method = headers[":method"] ?? "GET";
    this.target = headers[":path"] ?? "/";
    this.authority = headers[":authority"] ?? headers.host ?? "";
    this.fields = fieldsOf(raw);
    this.#expectsContinue = headers.expect === "100-continue";
    this.body = stream.endAfterHeaders ? undefined : lengthOf(headers);
    stream.on("error", () => undefined);
    stream.on("drain", () => this.onDrain?.());
    stream.once("close", () => this.#onClose());
    // HTTP/2 tells that a stream was cancelled only to those who read it.
    if (this.body === undefined) stream.resume();
  }

  readBody(sink: BodySink): void {
    if (this.#expectsContinue && !this.#stream.headersSent) this.#stream.additionalHeaders({ ":status": 100 });
    this.#stream.once("trailers", (_: unknown, __: number, raw: Fields) => (this.#bodyTrailers = raw ?? NONE));
    this.#stream.on("data", (chunk: Buffer) => sink.data(chunk));
    this.#stream.once("end", () => {
      if (!this.#stream.aborted) sink.end(this.#bodyTrailers);
    });
  }

  pauseBody(): void {
    this.#stream.pause();
  }

  resumeBody(): void {
    this.#stream.resume();
  }

  begin(status: number, fields: Fields, length: number | undefined): void {
    this.started = true;
    this.#begin = { status, fields, length };
  }

  write(chunk: Buffer): boolean {
    this.#respond(false);
    return this.#stream.destroyed || this.#stream.write(Buffer.from(chunk));
  }

  flush(): void {
    this.#respond(false);
  }

  end(trailers: Fields): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const stream = this.#stream;
    if (stream.destroyed) return;
    this.#trailers = trailers;
    // Headers that end the stream, such as a gRPC error, stay one frame.
    this.#respond(trailers.length === 0);
    if (!stream.writableEnded) stream.end();
    // What is left of the request is nobody's.
    stream.resume();
  }

  cutOff(code: number = constants.NGHTTP2_INTERNAL_ERROR): void {
    this.#isEnded = true;
    this.#stream.close(code);
  }

  switchProtocols(): void {
    throw new Error("a WebSocket over HTTP/2 was never asked for");
  }

  /** Sends the headers, once. */
  #respond(endStream: boolean): void {
    const begin = this.#begin;
    if (begin === undefined || this.#stream.destroyed || this.#stream.headersSent) return;
    const { status, fields, length } = begin;
    const headers = toHttp2Headers(fields);
    headers[":status"] = status;
    if (length !== undefined && status !== 204) headers["content-length"] = length;
    try {
      this.#stream.respond(headers, { endStream, waitForTrailers: !endStream });
    } catch {
      // Something in the container's headers that HTTP/2 cannot say.
      this.cutOff();
    }
    if (!endStream) this.#stream.once("wantTrailers", () => this.#sendTrailers());
  }

  #sendTrailers(): void {
    try {
      this.#stream.sendTrailers(toHttp2Headers(this.#trailers));
    } catch {
      this.cutOff();
    }
  }

  #onClose(): void {
    if (this.#isEnded) return;
    this.isGone = true;
    this.onGone?.();
  }
}

/** Fields without the names that begin with a colon; cookies that came apart are one. RFC 9113, section 8.2.3. */
function fieldsOf(raw: Fields): Fields {
  const fields: string[] = [];
  let cookies: string | undefined;
  for (let n = 0; n < raw.length; n += 2) {
    const name = raw[n]!;
    if (name === "cookie") cookies = cookies === undefined ? raw[n + 1]! : `${cookies}; ${raw[n + 1]!}`;
    else if (!name.startsWith(":")) fields.push(name, raw[n + 1]!);
  }
  if (cookies !== undefined) fields.push("cookie", cookies);
  return fields;
}

function lengthOf(headers: IncomingHttpHeaders): number | "chunked" {
  const declared = headers["content-length"];
  return declared === undefined ? "chunked" : Number(declared);
}
