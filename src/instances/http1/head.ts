import { type Fields, parseFields } from "./fields.ts";
import { type BodyLength, framingOf } from "./framing.ts";

/** The head of a request, as far as HTTP/1.1 itself looks at it. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** The value of the Host field; "" when there is none. */
  readonly host: string;
  readonly version: "1.0" | "1.1";
  readonly fields: Fields;
  /** Undefined: there is none. */
  readonly body: number | "chunked" | undefined;
  /** Options of the Connection field, in lower case. */
  readonly connection: readonly string[];
}

/** The head of a response. */
export interface ResponseHead {
  readonly status: number;
  readonly version: "1.0" | "1.1";
  readonly fields: Fields;
  readonly body: BodyLength;
  /** Content-Length; says something about responses to HEAD, too. */
  readonly declaredLength: number | undefined;
  readonly connection: readonly string[];
}

/** Why a request is refused. */
export type BadRequest = 400 | 505;

const REQUEST_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32} [\x21-\x7e\x80-\xff]+ HTTP\/\d\.\d\r\n/;
const STATUS_LINE = /^HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?\r\n/;
/** " HTTP/1.1", by which a request line ends, and where a status line has its minor version and its status. */
const VERSION_LENGTH = 9;
const MINOR_AT = 7;
const STATUS_AT = 9;

/**
 * A request's head from its first line to the empty one. Strict where leniency would let a request be smuggled past:
 * one Host, no folded lines, no doubtful lengths. RFC 9112, sections 2 to 6.
 */
export function parseRequestHead(text: string): RequestHead | BadRequest {
  // Tested first, taken apart then: a match with its groups costs more than all the rest.
  if (!REQUEST_LINE.test(text)) return 400;
  const lineEnd = text.indexOf("\r");
  if (text[lineEnd - 3] !== "1") return 505;
  const version = text[lineEnd - 1] === "0" ? "1.0" : "1.1";
  const fields = parseFields(text, lineEnd + 2);
  const framing = fields && framingOf(fields);
  const host = fields && onlyHost(fields, version);
  if (framing === undefined || host === undefined) return 400;
  const { length, connection } = framing;
  if (version === "1.0" && length === "chunked") return 400;
  const methodEnd = text.indexOf(" ");
  return {
    method: text.slice(0, methodEnd),
    target: text.slice(methodEnd + 1, lineEnd - VERSION_LENGTH),
    host,
    version,
    fields: fields!,
    body: length === 0 ? undefined : length,
    connection,
  };
}

/** A response's head from its status line to the empty one; undefined when it is malformed. `method` is the request's. */
export function parseResponseHead(text: string, method: string): ResponseHead | undefined {
  const fields = STATUS_LINE.test(text) ? parseFields(text, text.indexOf("\r") + 2) : undefined;
  const framing = fields && framingOf(fields);
  if (framing === undefined) return undefined;
  const status = Number(text.slice(STATUS_AT, STATUS_AT + 3));
  const version = text[MINOR_AT] === "0" ? "1.0" : "1.1";
  if (version === "1.0" && framing.length === "chunked") return undefined;
  const hasNone = method === "HEAD" || status < 200 || status === 204 || status === 304;
  const body = hasNone ? 0 : (framing.length ?? "until-close");
  const declaredLength = typeof framing.length === "number" ? framing.length : undefined;
  return { status, version, fields: fields!, body, declaredLength, connection: framing.connection };
}

/** Undefined when there is more than one, or none where there has to be one. */
function onlyHost(fields: Fields, version: string): string | undefined {
  let host: string | undefined;
  for (let n = 0; n < fields.length; n += 2) {
    const name = fields[n]!;
    if (name.length !== 4 || (name !== "Host" && name.toLowerCase() !== "host")) continue;
    if (host !== undefined) return undefined;
    host = fields[n + 1]!;
  }
  return host ?? (version === "1.0" ? "" : undefined);
}
