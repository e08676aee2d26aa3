import { createHash } from "node:crypto";

/** Who is to blame: UNKNOWN is the user's project, INTERNAL the platform, FAILED_PRECONDITION a setting that forbids it. */
export type ErrorStatus = "UNKNOWN" | "INTERNAL" | "FAILED_PRECONDITION";

/** A failed build as users see it. Google: buildpacks, pkg/buildererror. */
export class BuildpackError extends Error {
  override readonly name = "BuildpackError";
  readonly status: ErrorStatus;
  /** Eight hexadecimal digits that are the same whenever the same thing goes wrong. */
  readonly id: string;

  constructor(message: string, status: ErrorStatus, idParts: readonly string[] = [message]) {
    super(message);
    this.status = status;
    this.id = createHash("sha256").update(idParts.join("")).digest("hex").slice(0, 8);
  }
}

/** A failure that the user can repair in the project. */
export function userError(message: string): BuildpackError {
  return new BuildpackError(message, "UNKNOWN");
}

/** A failure of the platform or of what it downloads. */
export function internalError(message: string): BuildpackError {
  return new BuildpackError(message, "INTERNAL");
}
