import { isIPv4, isIPv6 } from "node:net";

/** Record types (RFC 1035 3.2.2, RFC 3596 2.1). */
export const TYPE_A = 1;
export const TYPE_AAAA = 28;
/** Response codes (RFC 1035 4.1.1). */
export const NOERROR = 0;
export const FORMERR = 1;
export const SERVFAIL = 2;

const CLASS_IN = 1;
const HEADER_BYTES = 12;
const MAX_NAME_BYTES = 255;
const TTL_SECONDS = 60;
/** A pointer to the name of the question, which always starts behind the header. */
const POINTER_TO_QUESTION = 0xc000 | HEADER_BYTES;
const RESPONSE_BIT = 0x8000;
const OPCODE_MASK = 0x7800;
const RECURSION_DESIRED = 0x0100;
const RECURSION_AVAILABLE = 0x0080;

/** The one question of a query. */
export interface Question {
  /** Lower case, without the final dot; "" is the root. */
  readonly name: string;
  readonly type: number;
  /** Offset of the first byte behind the question. */
  readonly end: number;
}

/** Reads a standard query with exactly one question of class IN; undefined for anything else. */
export function parseQuery(message: Buffer): Question | undefined {
  if (message.length < HEADER_BYTES) return undefined;
  const isQuery = (message.readUInt16BE(2) & (RESPONSE_BIT | OPCODE_MASK)) === 0;
  if (!isQuery || message.readUInt16BE(4) !== 1) return undefined;
  const name = readName(message);
  if (name === undefined || name.end + 4 > message.length) return undefined;
  if (message.readUInt16BE(name.end + 2) !== CLASS_IN) return undefined;
  return { name: name.text, type: message.readUInt16BE(name.end), end: name.end + 4 };
}

/** A response to `query` with the addresses that fit the question's type; no address fits is an empty answer. */
export function formatAnswer(query: Buffer, question: Question, addresses: readonly string[]): Buffer {
  const records = addresses.flatMap((address) => {
    if (question.type === TYPE_A && isIPv4(address)) return [formatRecord(TYPE_A, bytesOfIPv4(address))];
    if (question.type === TYPE_AAAA && isIPv6(address)) return [formatRecord(TYPE_AAAA, bytesOfIPv6(address))];
    return [];
  });
  const header = formatHeader(query, NOERROR, records.length);
  return Buffer.concat([header, query.subarray(HEADER_BYTES, question.end), ...records]);
}

/** A response that carries nothing but a response code; undefined when the message has no header to answer to. */
export function formatFailure(query: Buffer, code: number): Buffer | undefined {
  if (query.length < HEADER_BYTES || (query.readUInt16BE(2) & RESPONSE_BIT) !== 0) return undefined;
  const question = parseQuery(query);
  const header = formatHeader(query, code, 0);
  if (!question) header.writeUInt16BE(0, 4);
  return Buffer.concat([header, query.subarray(HEADER_BYTES, question?.end ?? HEADER_BYTES)]);
}

function readName(message: Buffer): { text: string; end: number } | undefined {
  const labels: string[] = [];
  let offset = HEADER_BYTES;
  while (offset < message.length && offset - HEADER_BYTES < MAX_NAME_BYTES) {
    const length = message.readUInt8(offset);
    if (length === 0) return { text: labels.join(".").toLowerCase(), end: offset + 1 };
    if (length > 63) return undefined;
    labels.push(message.toString("latin1", offset + 1, offset + 1 + length));
    offset += 1 + length;
  }
  return undefined;
}

function formatHeader(query: Buffer, code: number, answers: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  const recursion = query.readUInt16BE(2) & RECURSION_DESIRED;
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  header.writeUInt16BE(RESPONSE_BIT | recursion | RECURSION_AVAILABLE | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers, 6);
  return header;
}

function formatRecord(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(POINTER_TO_QUESTION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(CLASS_IN, 4);
  head.writeUInt32BE(TTL_SECONDS, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function bytesOfIPv4(address: string): Buffer {
  return Buffer.from(address.split(".").map(Number));
}

function bytesOfIPv6(address: string): Buffer {
  // The URL parser writes any form of an IPv6 address in hexadecimal groups, with at most one "::".
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail = ""] = canonical.split("::");
  const groups = (text: string) => text.split(":").filter(Boolean);
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array.from({ length: missing }, () => "0"), ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}
