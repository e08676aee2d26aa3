import { connect, type Socket } from "node:net";
import { BodyDecoder } from "./body-decoder.ts";
import { type Fields, formatFields } from "./fields.ts";
import { HeadReader } from "./head-reader.ts";
import { parseResponseHead, type ResponseHead } from "./head.ts";

/** What became of a request that has no complete response. */
export type Failure =
  /** There was no connection: no byte of it reached the server. */
  | "NOT_SENT"
  /** The connection broke before the response's head was complete, or that head was malformed. */
  | "NO_RESPONSE"
  /** The connection broke within the response, or its framing made no sense. */
  | "CUT_OFF";

/** Gets a response as it comes in. A chunk is only good during the call. */
export interface ResponseHandler {
  connected(): void;
  head(head: ResponseHead): void;
  data(chunk: Buffer): void;
  /** Everything that the last read brought has been handed over, and the response goes on. */
  flush(): void;
  end(trailers: Fields): void;
  /** There is room for more of the request's body. */
  drain(): void;
  fail(failure: Failure): void;
  /** After a 101 that was asked for: bytes of the other protocol; undefined when the server has ended. */
  raw(chunk: Buffer | undefined): void;
}

/** A request as it goes out. */
export interface OutgoingRequest {
  readonly method: string;
  /** Request line and fields, each line with its CRLF, without the empty line. */
  readonly head: string;
  /** Undefined: there is no body. Chunked bodies get their framing from the connection. */
  readonly body: number | "chunked" | undefined;
  /** Whether 101 is an answer that was asked for. */
  readonly upgrade: boolean;
}

const MAX_HEAD_BYTES = 256 * 1024;
const CONNECT_MS = 10_000;
/** All connections read into the same memory: what is read is handled before the next read. */
const SHARED = Buffer.allocUnsafeSlow(64 * 1024);

/** A connection to an HTTP/1.1 server, for one request after the other. A server that breaks the rules is cut off. */
export class ClientConnection {
  /** When it was last given back, ms since the epoch. */
  idleSinceMs = 0;
  /** Tells connections from before some event from those after it; the owner's business. */
  generation = 0;
  readonly #socket: Socket;
  readonly #headReader = new HeadReader(MAX_HEAD_BYTES);
  readonly #onClosed: (connection: ClientConnection) => void;
  #handler: ResponseHandler | undefined;
  #request: OutgoingRequest | undefined;
  #isRequestSent = true;
  #interimBytes = 0;
  #head: ResponseHead | undefined;
  #decoder: BodyDecoder | undefined;
  #isRaw = false;
  #isConnected = false;
  #isPaused = false;

  constructor(host: string, port: number, onClosed: (connection: ClientConnection) => void) {
    this.#onClosed = onClosed;
    const callback = (bytes: number) => {
      this.#onRead(bytes === SHARED.length ? SHARED : SHARED.subarray(0, bytes));
      return true;
    };
    this.#socket = connect({ host, port, noDelay: true, onread: { buffer: SHARED, callback } });
    this.#socket.setTimeout(CONNECT_MS, () => this.#socket.destroy());
    this.#socket.once("connect", () => this.#onConnect());
    this.#socket.on("drain", () => this.#handler?.drain());
    this.#socket.on("error", () => undefined);
    this.#socket.once("end", () => this.#onEnd());
    this.#socket.once("close", () => this.#onClose());
  }

  /** Whether it can take a request. */
  get usable(): boolean {
    return this.#handler === undefined && !this.#socket.destroyed;
  }

  /** Bytes of requests, heads and framing too. */
  get bytesWritten(): number {
    return this.#socket.bytesWritten;
  }

  /** Begins a request; only when `usable`. */
  send(request: OutgoingRequest, handler: ResponseHandler): void {
    this.#handler = handler;
    this.#request = request;
    this.#head = undefined;
    this.#decoder = undefined;
    this.#interimBytes = 0;
    this.#isRequestSent = request.body === undefined;
    const framing = request.body === "chunked" ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n";
    this.#socket.write(request.head + framing, "latin1");
    if (this.#isConnected) handler.connected();
  }

  /** Sends part of the request's body, or raw bytes after an upgrade; false when `drain` is to be waited for. */
  write(chunk: Buffer): boolean {
    if (this.#request?.body !== "chunked" || this.#isRaw) return this.#socket.write(chunk);
    this.#socket.cork();
    this.#socket.write(`${chunk.length.toString(16)}\r\n`, "latin1");
    this.#socket.write(chunk);
    const hasRoom = this.#socket.write("\r\n", "latin1");
    this.#socket.uncork();
    return hasRoom;
  }

  /** Ends the request's body, or our half of an upgraded connection. */
  endBody(trailers: Fields): void {
    if (this.#isRaw) this.#socket.end();
    else if (this.#request?.body === "chunked") this.#socket.write(`0\r\n${formatFields(trailers)}\r\n`, "latin1");
    this.#isRequestSent = true;
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  /** Cuts the connection; the handler hears nothing more. */
  destroy(): void {
    this.#handler = undefined;
    this.#socket.destroy();
  }

  /** Cuts the connection; the handler hears that. */
  abort(): void {
    this.#fail();
  }

  #onConnect(): void {
    this.#isConnected = true;
    this.#socket.setTimeout(0);
    this.#handler?.connected();
  }

  #onRead(chunk: Buffer): void {
    let position = 0;
    if (this.#isRaw) return this.#handler?.raw(chunk);
    while (position < chunk.length) {
      // Bytes that no request asked for: whose answer they would become, nobody knows.
      if (this.#handler === undefined) return void this.#socket.destroy();
      if (this.#decoder === undefined) {
        position = this.#readHead(chunk, position);
      } else {
        position = this.#decoder.decode(chunk, position, this.#handler);
        this.#checkBody(position === chunk.length);
      }
      if (this.#isRaw) return position < chunk.length ? this.#handler.raw(chunk.subarray(position)) : undefined;
    }
    if (this.#head !== undefined) this.#handler?.flush();
  }

  #readHead(chunk: Buffer, position: number): number {
    const read = this.#headReader.read(chunk, position);
    if (read === undefined) return chunk.length;
    const { method, upgrade } = this.#request!;
    const head = read === "TOO_LARGE" ? undefined : parseResponseHead(read.text, method);
    const isInterim = head !== undefined && head.status < 200;
    if (isInterim) this.#interimBytes += (read as { text: string }).text.length;
    const isUnasked = head?.status === 101 && !upgrade;
    if (head === undefined || read === "TOO_LARGE" || isUnasked || this.#interimBytes > MAX_HEAD_BYTES) {
      this.#fail();
      return chunk.length;
    }
    // Interim responses are between the hops: ingress has sent 100 itself, and hints come again with the response.
    if (isInterim && head.status !== 101) return read.next;
    this.#head = head;
    this.#isRaw = head.status === 101;
    this.#handler!.head(head);
    this.#decoder = new BodyDecoder(head.body);
    if (this.#decoder.done && !this.#isRaw) this.#complete(read.next === chunk.length);
    return read.next;
  }

  #checkBody(isAll: boolean): void {
    if (this.#decoder?.bad === true) this.#fail();
    else if (this.#decoder?.done === true) this.#complete(isAll);
  }

  /** The response is complete. The connection lives on when both sides want that and nothing is left over on either. */
  #complete(isAll: boolean): void {
    const head = this.#head!;
    const { trailers } = this.#decoder!;
    const handler = this.#handler;
    const persists = head.version === "1.1" ? !head.connection.includes("close") : false;
    if (!isAll || !persists || head.body === "until-close" || !this.#isRequestSent) this.#socket.destroy();
    this.#handler = undefined;
    this.#request = undefined;
    this.resume();
    handler?.end(trailers);
  }

  #fail(): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#socket.destroy();
    if (handler === undefined) return;
    if (!this.#isConnected) handler.fail("NOT_SENT");
    else handler.fail(this.#head === undefined ? "NO_RESPONSE" : "CUT_OFF");
  }

  #onEnd(): void {
    if (this.#isRaw) this.#handler?.raw(undefined);
    else if (this.#decoder?.close() === true) this.#complete(true);
    else this.#fail();
  }

  #onClose(): void {
    this.#onClosed(this);
    this.#fail();
  }
}
