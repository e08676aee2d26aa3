import { randomFillSync, randomUUID } from "node:crypto";

/** The only source of randomness. */
export interface Ids {
  /** A random (version 4) UUID. */
  uuid(): string;
  /** `length` random characters of `alphabet` (default: lower-case letters and digits). */
  text(length: number, alphabet?: string): string;
  /** A number in [0, 1). */
  fraction(): number;
}

const LOWER_CASE_AND_DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789";
/** The alphabet of trace and span ids, of which every request needs some. */
export const HEXADECIMAL = "0123456789abcdef";

export const randomIds: Ids = {
  uuid: () => randomUUID(),
  text(length, alphabet = LOWER_CASE_AND_DIGITS) {
    if (alphabet === HEXADECIMAL && length <= pool.length) return randomHexadecimal(length);
    let text = "";
    for (let n = 0; n < length; n++) text += alphabet[randomBelow(alphabet.length)];
    return text;
  },
  fraction: () => (((randomByte() * 256 + randomByte()) * 256 + randomByte()) * 256 + randomByte()) / 2 ** 32,
};

/** Random bytes fetched ahead: a system call for each would cost more than all that is done with it. */
const pool = Buffer.alloc(4096);
let used = pool.length;

function randomHexadecimal(digits: number): string {
  const bytes = Math.ceil(digits / 2);
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  const text = pool.toString("hex", used - bytes, used);
  return digits % 2 === 0 ? text : text.slice(1);
}

function randomByte(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool[used++]!;
}

/** A number in [0, below), each equally likely; `below` is at most 256. */
function randomBelow(below: number): number {
  for (;;) {
    const byte = randomByte();
    // What is left of 256 beyond the last whole multiple would favour the first ones.
    if (byte < 256 - (256 % below)) return byte % below;
  }
}
