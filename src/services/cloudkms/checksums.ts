import { crc32c } from "../../platform/crc32c.ts";
import { invalidField } from "./errors.ts";

/** The checksum of an answer's field. */
export function checksumOf(bytes: Uint8Array): bigint {
  return BigInt(crc32c(bytes));
}

/** Rejects bytes that do not have the checksum that came with them; says whether one came. */
export function verifyChecksum(field: string, bytes: Uint8Array, given: bigint | undefined): boolean {
  if (given === undefined) return false;
  if (given !== checksumOf(bytes))
    throw invalidField(
      `${field}_crc32c`,
      `The checksum in field ${field}_crc32c did not match the data in field ${field}.`,
    );
  return true;
}
