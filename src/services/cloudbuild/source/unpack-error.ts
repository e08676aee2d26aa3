/** A source archive that is not acceptable; the message names the problem in the words of Google's source fetcher. */
export class UnpackError extends Error {
  override name = "UnpackError";
}

/** What the file system refuses because of the archive's own names: twice the same, a file used as a folder, too long. */
const ARCHIVE_FAULTS = new Set(["EEXIST", "EISDIR", "ENOTDIR", "ENAMETOOLONG"]);

/** The error that unpacking rejects with: what is the machine's fault stays as it is, all else is the archive's. */
export function unpackFailure(thrown: unknown, otherwise: string): unknown {
  if (thrown instanceof UnpackError || !(thrown instanceof Error) || thrown.name === "AbortError") return thrown;
  const code = "code" in thrown ? String(thrown.code) : "";
  if (ARCHIVE_FAULTS.has(code)) return new UnpackError(`the archive's paths collide (${code})`, { cause: thrown });
  return "syscall" in thrown ? thrown : new UnpackError(otherwise, { cause: thrown });
}
