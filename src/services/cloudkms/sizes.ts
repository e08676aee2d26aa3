import { invalidField } from "./errors.ts";
import { MAX_DATA_BYTES } from "./limits.ts";

/** Rejects what is larger than a call takes. */
export function checkSize(field: string, bytes: Uint8Array, most: number = MAX_DATA_BYTES): void {
  if (bytes.length > most)
    throw invalidField(field, `The length of ${field} is ${bytes.length} bytes; it must be at most ${most} bytes.`);
}
