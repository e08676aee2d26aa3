import type { Fields } from "../http1/fields.ts";

/** Gets the body of a request. Chunks may be kept. */
export interface BodySink {
  data(chunk: Buffer): void;
  end(trailers: Fields): void;
}

/** How a request came in. */
export interface Connection {
  readonly scheme: "http" | "https";
  readonly remoteAddress: string;
}

/** A request and the response to it, the same for both HTTP versions. */
export interface IncomingStream {
  readonly connection: Connection;
  readonly method: string;
  /** Path with query. */
  readonly target: string;
  /** Host with its port, as the caller named it. */
  readonly authority: string;
  readonly protocol: "HTTP/1.0" | "HTTP/1.1" | "HTTP/2";
  /** Without the names that begin with a colon. */
  readonly fields: Fields;
  /** Options of the Connection field, in lower case. */
  readonly hopByHop: readonly string[];
  /** The declared length; "chunked" when it is not declared; undefined when there is no body. */
  readonly body: number | "chunked" | undefined;
  /** Whether it asks for a WebSocket. */
  readonly upgrade: boolean;

  /** The caller has left before the response was complete. */
  readonly isGone: boolean;
  /** Called when that happens. */
  onGone: (() => void) | undefined;
  /** Called when there is room again after `write` said there is none. */
  onDrain: (() => void) | undefined;

  /** Begins to hand the body over; once. What nobody reads is thrown away when the response is complete. */
  readBody(sink: BodySink): void;
  pauseBody(): void;
  resumeBody(): void;

  /** Whether the response has begun. */
  readonly started: boolean;
  /** Begins the response; `length` is undefined when nobody knows it. Fields about framing are the stream's own. */
  begin(status: number, fields: Fields, length: number | undefined): void;
  /** The chunk is only good during the call. False: `onDrain` is to be waited for. */
  write(chunk: Buffer): boolean;
  /** Sends what has been written; until then it may wait for more. */
  flush(): void;
  end(trailers: Fields): void;
  /** Breaks the response off, so that the caller notices; `code` is HTTP/2's. */
  cutOff(code?: number): void;
  /** Answers 101: from then on `write`, `flush` and `end` are about the bytes of another protocol, and so is the body. */
  switchProtocols(fields: Fields): void;
}
