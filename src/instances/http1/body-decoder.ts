import { parseFields } from "./fields.ts";
import type { BodyLength } from "./framing.ts";

/** Where decoded bytes go. A chunk is only good during the call. */
export interface BodyTarget {
  data(chunk: Buffer): void;
}

type State = "length" | "until-close" | "size" | "chunk" | "chunk-end" | "trailers" | "done" | "bad";

const SIZE_LINE = /^([0-9A-Fa-f]{1,12})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;
/** Longest line of a chunk's size with its extensions, and most of all those bytes beside the content. */
const MAX_LINE = 1024;
const MAX_TRAILERS = 16 * 1024;
const LF = 10;

/** Takes the framing off a body: counts its length, or undoes chunks. RFC 9112, sections 6 and 7.1. */
export class BodyDecoder {
  /** Content bytes so far. */
  bytes = 0;
  /** Fields after the last chunk, as a flat list. */
  trailers: readonly string[] = [];
  #state: State;
  #left = 0;
  #line = "";

  constructor(length: BodyLength) {
    if (length === "chunked") this.#state = "size";
    else if (length === "until-close") this.#state = length;
    else this.#state = length === 0 ? "done" : "length";
    if (typeof length === "number") this.#left = length;
  }

  get done(): boolean {
    return this.#state === "done";
  }

  /** The framing makes no sense: the message ends nowhere. */
  get bad(): boolean {
    return this.#state === "bad";
  }

  /** Takes bytes from `start`; gives the position after the last one that belongs to the body. */
  decode(chunk: Buffer, start: number, target: BodyTarget): number {
    let position = start;
    while (position < chunk.length && this.#state !== "done" && this.#state !== "bad") {
      if (this.#state === "until-close") position = this.#pass(chunk, position, chunk.length, target);
      else if (this.#state === "length" || this.#state === "chunk") position = this.#content(chunk, position, target);
      else position = this.#frame(chunk, position);
    }
    return position;
  }

  /** The connection has ended; whether that ends the body, too. */
  close(): boolean {
    if (this.#state === "until-close") this.#state = "done";
    return this.done;
  }

  #content(chunk: Buffer, position: number, target: BodyTarget): number {
    const end = Math.min(chunk.length, position + this.#left);
    this.#left -= end - position;
    this.#pass(chunk, position, end, target);
    if (this.#left === 0) this.#state = this.#state === "length" ? "done" : "chunk-end";
    return end;
  }

  #pass(chunk: Buffer, start: number, end: number, target: BodyTarget): number {
    this.bytes += end - start;
    target.data(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end));
    return end;
  }

  /** Reads one line, or the part of it that is there. */
  #frame(chunk: Buffer, position: number): number {
    const end = chunk.indexOf(LF, position) + 1 || chunk.length;
    this.#line += chunk.toString("latin1", position, end);
    const limit = this.#state === "trailers" ? MAX_TRAILERS : MAX_LINE;
    if (this.#line.length > limit) this.#state = "bad";
    else if (this.#line.endsWith("\n")) this.#onLine();
    return end;
  }

  #onLine(): void {
    const line = this.#line;
    if (this.#state === "trailers") {
      this.#onTrailers(line);
      return;
    }
    this.#line = "";
    if (!line.endsWith("\r\n")) this.#state = "bad";
    else if (this.#state === "chunk-end") this.#state = line.length === 2 ? "size" : "bad";
    else this.#onSize(line.slice(0, -2));
  }

  #onSize(line: string): void {
    const [, digits] = SIZE_LINE.exec(line) ?? [];
    this.#left = Number.parseInt(digits ?? "", 16);
    if (digits === undefined) this.#state = "bad";
    else this.#state = this.#left === 0 ? "trailers" : "chunk";
  }

  /** `text` is all lines so far; the empty one is the end. */
  #onTrailers(text: string): void {
    if (text !== "\r\n" && !text.endsWith("\r\n\r\n")) return;
    const fields = parseFields(text.slice(0, -2), 0);
    this.trailers = fields ?? [];
    this.#state = fields === undefined ? "bad" : "done";
  }
}
