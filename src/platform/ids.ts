import { randomBytes, randomInt, randomUUID } from "node:crypto";

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

export const randomIds: Ids = {
  uuid: () => randomUUID(),
  text(length, alphabet = LOWER_CASE_AND_DIGITS) {
    return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
  },
  fraction: () => randomBytes(4).readUInt32BE() / 2 ** 32,
};
