import { invalidArgument } from "../../../wire/errors.ts";

const BYTES = 8;

/** Opaque text of the number of a change, as long as Google's. */
export function resourceVersionOf(sequence = 0): string {
  const bytes = Buffer.alloc(BYTES);
  bytes.writeBigUInt64BE(BigInt(sequence));
  return bytes.toString("base64url");
}

/** The number in a resource version; INVALID_ARGUMENT for text that is none. */
export function sequenceOf(resourceVersion: string): number {
  const bytes = Buffer.from(resourceVersion, "base64url");
  const sequence = bytes.length === BYTES ? Number(bytes.readBigUInt64BE()) : Number.NaN;
  if (Number.isSafeInteger(sequence)) return sequence;
  const description = `Invalid value: "${resourceVersion}"`;
  throw invalidArgument(`resourceVersion: ${description}`, [{ field: "resourceVersion", description }]);
}
