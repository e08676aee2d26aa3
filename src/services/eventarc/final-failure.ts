import { Code } from "../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../wire/errors.ts";
import type { Deps } from "./deps.ts";
import { PATIENCE_MS } from "./limits.ts";

/** Codes of answers that another try may change. */
const TRANSIENT: readonly Code[] = [
  Code.INTERNAL,
  Code.UNAVAILABLE,
  Code.ABORTED,
  Code.CANCELLED,
  Code.DEADLINE_EXCEEDED,
  Code.UNKNOWN,
];

/** What an error ends work with; undefined for one that another try may heal, until patience is at its end. */
export function finalFailure(
  { clock }: Pick<Deps, "clock">,
  { startTimeMs }: { readonly startTimeMs: number },
  error: unknown,
): ApiError | undefined {
  if (error instanceof ApiError && !TRANSIENT.includes(error.code)) return error;
  const isPatient = clock.nowMs() - startTimeMs < PATIENCE_MS;
  return isPatient ? undefined : new ApiError(Code.INTERNAL, "an internal error has occurred");
}
