import type { Fields } from "./fields.ts";

/** How long a body is: so many bytes, in chunks, or until the connection closes. */
export type BodyLength = number | "chunked" | "until-close";

/** What fields say about the message they belong to. */
export interface Framing {
  /** Undefined when neither length nor chunks are declared. */
  readonly length: number | "chunked" | undefined;
  /** Names in lower case that a Connection field declares to be for this hop only; "close" and "keep-alive" too. */
  readonly connection: readonly string[];
}

const LENGTH = /^\d{1,15}$/;
const NONE: readonly string[] = [];

/**
 * Reads Content-Length, Transfer-Encoding and Connection. Undefined when two readers could disagree about where the
 * message ends: both of the first two, one of them twice, a length that is no plain number, another coding than chunked.
 * RFC 9112, section 6.
 */
export function framingOf(fields: Fields): Framing | undefined {
  let length: number | "chunked" | undefined;
  let connection = NONE;
  for (let n = 0; n < fields.length; n += 2) {
    const name = fields[n]!;
    // Of the names, only these three have these lengths and are looked at.
    if (name.length !== 14 && name.length !== 17 && name.length !== 10) continue;
    const key = name.toLowerCase();
    if (key === "content-length") {
      if (length !== undefined || !LENGTH.test(fields[n + 1]!)) return undefined;
      length = Number(fields[n + 1]);
    } else if (key === "transfer-encoding") {
      if (length !== undefined || fields[n + 1]!.toLowerCase() !== "chunked") return undefined;
      length = "chunked";
    } else if (key === "connection") {
      connection = connection === NONE ? optionsOf(fields[n + 1]!) : [...connection, ...optionsOf(fields[n + 1]!)];
    }
  }
  return { length, connection };
}

const KEEP_ALIVE: readonly string[] = ["keep-alive"];

function optionsOf(value: string): readonly string[] {
  // What most messages say that say something.
  if (value === "keep-alive") return KEEP_ALIVE;
  return value.split(",").map((option) => option.trim().toLowerCase());
}
