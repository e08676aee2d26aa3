import { STATUS_CODES } from "../../platform/node-http.ts";
import { type Fields, formatFields } from "../http1/fields.ts";
import type { RequestHead } from "../http1/head.ts";
import type { Http1Connection } from "./http1-connection.ts";
import type { BodySink, Connection, IncomingStream } from "./incoming.ts";

/** Chunks up to this size travel in one piece with what comes before them. */
const SMALL_BYTES = 8 * 1024;
/** Unsent bytes above which the container has to wait for the caller. */
const HIGH_WATER_BYTES = 64 * 1024;
/** A body of unknown end is not read to that end only to keep the connection. */
const MAX_UNREAD_BYTES = 32 * 1024 * 1024;

/** One request on a caller's HTTP/1.1 connection. */
export class Http1Stream implements IncomingStream {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  readonly hopByHop: readonly string[];
  readonly body: number | "chunked" | undefined;
  readonly authority: string;
  readonly protocol: "HTTP/1.0" | "HTTP/1.1";
  readonly upgrade: boolean;
  onGone: (() => void) | undefined;
  onDrain: (() => void) | undefined;
  started = false;
  isGone = false;
  readonly #owner: Http1Connection;
  #isInvited: boolean;
  #keepAlive: boolean;
  #framing: "none" | "length" | "chunked" = "length";
  /** Text that waits for what comes after it, as latin1. */
  #pending = "";
  #isEnded = false;

  constructor(owner: Http1Connection, head: RequestHead) {
    this.#owner = owner;
    this.method = head.method;
    this.target = head.target;
    this.fields = head.fields;
    this.hopByHop = head.connection;
    this.body = head.body;
    this.authority = head.host;
    this.protocol = head.version === "1.0" ? "HTTP/1.0" : "HTTP/1.1";
    const options = head.connection;
    this.#keepAlive = head.version === "1.1" ? !options.includes("close") : options.includes("keep-alive");
    this.upgrade = head.version === "1.1" && head.body === undefined && asksForWebSocket(head);
    this.#isInvited = head.body === undefined || head.version === "1.0" || !expectsContinue(head.fields);
  }

  get connection(): Connection {
    return this.#owner.connection;
  }

  readBody(sink: BodySink): void {
    if (!this.#isInvited && !this.started) this.#owner.socket.write("HTTP/1.1 100 Continue\r\n\r\n", "latin1");
    this.#isInvited = true;
    this.#owner.readBody(sink);
  }

  pauseBody(): void {
    this.#owner.socket.pause();
  }

  resumeBody(): void {
    this.#owner.socket.resume();
  }

  begin(status: number, fields: Fields, length: number | undefined): void {
    this.started = true;
    if (!this.#isInvited || (typeof this.body === "number" && this.body > MAX_UNREAD_BYTES)) this.#keepAlive = false;
    let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${formatFields(fields)}`;
    if (this.method === "HEAD" || status === 204 || status === 304) this.#framing = "none";
    else if (length === undefined) this.#framing = this.protocol === "HTTP/1.1" ? "chunked" : "length";
    if (length !== undefined && status !== 204) text += `Content-Length: ${length}\r\n`;
    else if (this.#framing === "chunked") text += "Transfer-Encoding: chunked\r\n";
    else if (this.#framing === "length") this.#keepAlive = false;
    if (!this.#keepAlive) text += "Connection: close\r\n";
    else if (this.protocol === "HTTP/1.0") text += "Connection: keep-alive\r\n";
    this.#pending = `${text}\r\n`;
  }

  write(chunk: Buffer): boolean {
    if (this.#framing === "none" || this.#isEnded) return true;
    const before = this.#framing === "chunked" ? `${chunk.length.toString(16)}\r\n` : "";
    const after = this.#framing === "chunked" ? "\r\n" : "";
    if (chunk.length <= SMALL_BYTES) {
      this.#pending += before + chunk.toString("latin1") + after;
      if (this.#pending.length > HIGH_WATER_BYTES) this.flush();
    } else {
      const { socket } = this.#owner;
      socket.cork();
      this.#pending += before;
      this.flush();
      socket.write(Buffer.from(chunk));
      if (after !== "") socket.write(after, "latin1");
      socket.uncork();
    }
    return this.#owner.socket.writableLength < HIGH_WATER_BYTES;
  }

  flush(): void {
    if (this.#pending === "") return;
    this.#owner.socket.write(this.#pending, "latin1");
    this.#pending = "";
  }

  end(trailers: Fields): void {
    if (this.#isEnded) return;
    if (this.#framing === "chunked") this.#pending += `0\r\n${formatFields(trailers)}\r\n`;
    this.flush();
    this.#isEnded = true;
    this.#owner.finish(this.#keepAlive);
  }

  cutOff(): void {
    this.#isEnded = true;
    this.#pending = "";
    this.#owner.socket.destroy();
  }

  switchProtocols(fields: Fields): void {
    this.started = true;
    this.#pending = `HTTP/1.1 101 Switching Protocols\r\n${formatFields(fields)}\r\n`;
    this.#framing = "length";
    this.#keepAlive = false;
    this.#owner.switchProtocols();
  }

  /** The connection has closed, or its caller has ended it. */
  leave(): void {
    if (this.#isEnded) return;
    this.isGone = true;
    this.onGone?.();
  }
}

function asksForWebSocket({ connection, fields, method }: RequestHead): boolean {
  if (method !== "GET" || !connection.includes("upgrade")) return false;
  return valueOf(fields, "upgrade").toLowerCase() === "websocket";
}

function expectsContinue(fields: Fields): boolean {
  return valueOf(fields, "expect").toLowerCase() === "100-continue";
}

function valueOf(fields: Fields, name: string): string {
  for (let n = 0; n < fields.length; n += 2) {
    if (fields[n]!.length === name.length && fields[n]!.toLowerCase() === name) return fields[n + 1]!;
  }
  return "";
}
