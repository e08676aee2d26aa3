import { type Fields, parseFields } from "./fields.ts";
import { type BodyLength, framingOf } from "./framing.ts";

/** The head of a request, as far as HTTP/1.1 itself looks at it. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
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

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}) ([\x21-\x7e\x80-\xff]+) HTTP\/(\d)\.(\d)\r\n/;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?\r\n/;

/**
 * A request's head from its first line to the empty one. Strict where leniency would let a request be smuggled past:
 * one Host, no folded lines, no doubtful lengths. RFC 9112, sections 2 to 6.
 */
export function parseRequestHead(text: string): RequestHead | BadRequest {
  const line = REQUEST_LINE.exec(text);
  if (line === null) return 400;
  if (line[3] !== "1") return 505;
  const version = line[4] === "0" ? "1.0" : "1.1";
  const fields = parseFields(text, line[0].length);
  const framing = fields && framingOf(fields);
  if (framing === undefined || !hasOneHost(fields!, version)) return 400;
  const { length, connection } = framing;
  if (version === "1.0" && length === "chunked") return 400;
  return {
    method: line[1]!,
    target: line[2]!,
    version,
    fields: fields!,
    body: length === 0 ? undefined : length,
    connection,
  };
}

/** A response's head from its status line to the empty one; undefined when it is malformed. `method` is the request's. */
export function parseResponseHead(text: string, method: string): ResponseHead | undefined {
  const line = STATUS_LINE.exec(text);
  const fields = line === null ? undefined : parseFields(text, line[0].length);
  const framing = fields && framingOf(fields);
  if (line === null || framing === undefined) return undefined;
  const status = Number(line[2]);
  const version = line[1] === "0" ? "1.0" : "1.1";
  if (version === "1.0" && framing.length === "chunked") return undefined;
  const hasNone = method === "HEAD" || status < 200 || status === 204 || status === 304;
  const body = hasNone ? 0 : (framing.length ?? "until-close");
  const declaredLength = typeof framing.length === "number" ? framing.length : undefined;
  return { status, version, fields: fields!, body, declaredLength, connection: framing.connection };
}

function hasOneHost(fields: Fields, version: string): boolean {
  let count = 0;
  for (let n = 0; n < fields.length; n += 2) {
    if (fields[n]!.length === 4 && fields[n]!.toLowerCase() === "host") count++;
  }
  return count === 1 || (count === 0 && version === "1.0");
}
