import type { Duplex } from "node:stream";
import { BodyDecoder } from "../http1/body-decoder.ts";
import { HeadReader } from "../http1/head-reader.ts";
import { parseRequestHead, type RequestHead } from "../http1/head.ts";
import { Http1Stream } from "./http1-stream.ts";
import type { BodySink, Connection } from "./incoming.ts";
import { isTargetOf } from "./request-target.ts";
import { badRequest, headTooLarge, type Page, rawResponse, requestTimeout, urlTooLarge } from "./pages.ts";

/** Google: Cloud Run, "Quotas and limits": none is documented for headers; its front ends take about this much. */
const MAX_HEAD_BYTES = 64 * 1024;
/** Google: external load balancers keep idle connections for 610 s; clients may rely on that. */
const KEEP_ALIVE_MS = 620_000;
/** A head that takes longer is no client's. */
const HEAD_MS = 30_000;
/** How long the rest of a request is thrown away after its response, and how much of it. */
const DRAIN_MS = 30_000;
const MAX_DRAINED_BYTES = 32 * 1024 * 1024;
/** Bytes ahead of their turn: a body nobody reads yet, or the next requests. */
const MAX_AHEAD_BYTES = 64 * 1024;
const CR = 13;
const LF = 10;

/** What a connection needs of ingress. */
export interface Http1Deps {
  readonly nowMs: () => number;
  readonly handle: (stream: Http1Stream) => void;
  /** The connection has begun or finished serving requests. */
  readonly onBusy: (connection: Http1Connection, isBusy: boolean) => void;
}

/** A caller's HTTP/1.1 connection: reads one request after the other, the next when the one before is answered. */
export class Http1Connection {
  readonly socket: Duplex;
  readonly connection: Connection;
  /** When it will have waited too long for its caller, ms since the epoch. */
  deadlineMs: number;
  readonly #deps: Http1Deps;
  readonly #headReader = new HeadReader(MAX_HEAD_BYTES);
  #ahead: Buffer[] = [];
  #aheadBytes = 0;
  #stream: Http1Stream | undefined;
  #decoder: BodyDecoder | undefined;
  #sink: BodySink | undefined;
  #drained = 0;
  #isRaw = false;
  #isParsing = false;
  #isClosing = false;

  constructor(deps: Http1Deps, socket: Duplex, connection: Connection) {
    this.#deps = deps;
    this.socket = socket;
    this.connection = connection;
    this.deadlineMs = deps.nowMs() + HEAD_MS;
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("drain", () => this.#onDrain());
    socket.once("end", () => this.#onEnd());
    socket.once("close", () => this.#leave());
  }

  /** Memory that unfinished requests of its caller take. */
  get heldBytes(): number {
    return this.#headReader.heldBytes + this.#aheadBytes;
  }

  /** Ends the connection if its deadline is over. */
  expire(nowMs: number): void {
    if (nowMs < this.deadlineMs) return;
    if (this.#headReader.begun && !this.#isClosing) this.#refuse(requestTimeout);
    else this.socket.destroy();
  }

  /** Begins to hand the request's body over. */
  readBody(sink: BodySink): void {
    this.#sink = sink;
    this.#takeAhead();
  }

  /** The response is complete; the rest of its request is thrown away, then the next one's turn comes. */
  finish(keepAlive: boolean): void {
    this.#stream = undefined;
    this.#sink = undefined;
    if (!keepAlive || this.#isRaw) return this.#close();
    this.deadlineMs = this.#deps.nowMs() + (this.#decoder === undefined ? KEEP_ALIVE_MS : DRAIN_MS);
    if (this.socket.isPaused()) this.socket.resume();
    if (!this.#isParsing) this.#takeAhead();
    if (this.#stream === undefined) this.#deps.onBusy(this, false);
  }

  /** From now on all bytes are the body's. */
  switchProtocols(): void {
    this.#isRaw = true;
  }

  #onData(chunk: Buffer): void {
    if (this.#isClosing) return;
    if (this.#aheadBytes > 0 || !this.#canTake()) this.#keep(chunk, 0);
    else this.#take(chunk);
  }

  /** Whether the next byte has somebody to go to. */
  #canTake(): boolean {
    if (this.#isRaw) return this.#sink !== undefined;
    if (this.#stream === undefined) return !this.socket.writableNeedDrain || this.#decoder !== undefined;
    return this.#decoder !== undefined && this.#sink !== undefined;
  }

  #take(chunk: Buffer): void {
    let position = 0;
    this.#isParsing = true;
    while (position < chunk.length && this.#canTake() && !this.#isClosing) {
      if (this.#isRaw) {
        this.#sink!.data(position === 0 ? chunk : chunk.subarray(position));
        position = chunk.length;
      } else {
        position = this.#decoder === undefined ? this.#readHead(chunk, position) : this.#readBody(chunk, position);
      }
    }
    this.#isParsing = false;
    if (position < chunk.length && !this.#isClosing) this.#keep(chunk, position);
  }

  #keep(chunk: Buffer, position: number): void {
    this.#ahead.push(position === 0 ? chunk : chunk.subarray(position));
    this.#aheadBytes += chunk.length - position;
    if (this.#aheadBytes > MAX_AHEAD_BYTES) this.socket.pause();
  }

  #takeAhead(): void {
    if (this.#aheadBytes === 0 || !this.#canTake()) return;
    const chunk = this.#ahead.length === 1 ? this.#ahead[0]! : Buffer.concat(this.#ahead);
    this.#ahead = [];
    this.#aheadBytes = 0;
    if (this.socket.isPaused()) this.socket.resume();
    this.#take(chunk);
  }

  #readHead(chunk: Buffer, start: number): number {
    let position = start;
    // RFC 9112, section 2.2: an empty line ahead of a request counts for nothing.
    if (!this.#headReader.begun && chunk[position] === CR && chunk[position + 1] === LF) position += 2;
    if (position === chunk.length) return position;
    if (!this.#headReader.begun) this.deadlineMs = this.#deps.nowMs() + HEAD_MS;
    const read = this.#headReader.read(chunk, position);
    if (read === undefined) return chunk.length;
    if (read === "TOO_LARGE") {
      this.#refuse(chunk.includes(LF, position) ? headTooLarge : urlTooLarge);
      return chunk.length;
    }
    this.#begin(parseRequestHead(read.text));
    return read.next;
  }

  #begin(head: RequestHead | 400 | 505): void {
    if (typeof head === "number" || !isTargetOf(head)) return this.#refuse(badRequest);
    this.#decoder = head.body === undefined ? undefined : new BodyDecoder(head.body);
    this.#drained = 0;
    this.deadlineMs = Infinity;
    this.#stream = new Http1Stream(this, head);
    this.#deps.onBusy(this, true);
    this.#deps.handle(this.#stream);
  }

  #readBody(chunk: Buffer, position: number): number {
    const decoder = this.#decoder!;
    const next = decoder.decode(chunk, position, this.#sink ?? NOBODY);
    if (this.#sink === undefined) this.#drained += next - position;
    if (decoder.bad || this.#drained > MAX_DRAINED_BYTES) {
      this.socket.destroy();
      this.#leave();
    } else if (decoder.done) {
      this.#decoder = undefined;
      const sink = this.#sink;
      this.#sink = undefined;
      sink?.end(decoder.trailers);
      if (this.#stream === undefined) this.deadlineMs = this.#deps.nowMs() + KEEP_ALIVE_MS;
    }
    return next;
  }

  #onDrain(): void {
    if (this.#stream !== undefined) this.#stream.onDrain?.();
    else this.#takeAhead();
  }

  /** A caller that has sent its last byte has gone, as it has for Google's front ends. */
  #onEnd(): void {
    if (this.#isRaw) this.#sink?.end([]);
    else if (this.#isClosing) this.socket.destroy();
    else {
      this.#leave();
      this.socket.end();
    }
  }

  #leave(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#isClosing = true;
    this.#ahead = [];
    this.#aheadBytes = 0;
    stream?.leave();
  }

  #refuse(page: Page): void {
    this.socket.write(rawResponse(page, this.#deps.nowMs()));
    this.#close();
  }

  /** Ends our half and waits a while for the other, so that the answer is not lost to a reset. */
  #close(): void {
    this.#isClosing = true;
    this.#ahead = [];
    this.#aheadBytes = 0;
    this.deadlineMs = this.#deps.nowMs() + DRAIN_MS;
    this.#deps.onBusy(this, false);
    if (this.socket.isPaused()) this.socket.resume();
    this.socket.end();
  }
}

const NOBODY = { data: () => undefined };
