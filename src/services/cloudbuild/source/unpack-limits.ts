import { Transform } from "node:stream";
import { MAX_ENTRIES, MAX_RATIO, MAX_UNPACKED_BYTES, RATIO_CHECKED_FROM_BYTES } from "../limits.ts";
import { UnpackError } from "./unpack-error.ts";

/** Counts what comes out of one archive and throws an UnpackError when it is too much. */
export interface UnpackBudget {
  countEntry(): void;
  /** A stream that passes bytes on and counts them. */
  meter(): Transform;
}

/** The budget of an archive of this size: limits on entries, on bytes, and on bytes in proportion to the archive. */
export function createUnpackBudget(archiveBytes: number): UnpackBudget {
  let entries = 0;
  let bytes = 0;
  const mostBytes = Math.min(MAX_UNPACKED_BYTES, Math.max(RATIO_CHECKED_FROM_BYTES, archiveBytes * MAX_RATIO));
  return {
    countEntry() {
      entries += 1;
      if (entries > MAX_ENTRIES) throw new UnpackError(`the archive has more than ${MAX_ENTRIES} entries`);
    },
    meter: () =>
      new Transform({
        transform(chunk: Buffer, _encoding, done) {
          bytes += chunk.length;
          if (bytes > mostBytes) done(new UnpackError(`the archive unpacks to more than ${mostBytes} bytes`));
          else done(null, chunk);
        },
      }),
  };
}
