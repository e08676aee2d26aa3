import { Code } from "../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../wire/errors.ts";
import { isFinalAnswer } from "../../wire/transient.ts";
import type { Deps } from "./deps.ts";
import { PATIENCE_MS } from "./limits.ts";

/** What an error ends work with; undefined for one that another try may heal, until patience is at its end. */
export function finalFailure(
  { clock }: Pick<Deps, "clock">,
  { startTimeMs }: { readonly startTimeMs: number },
  error: unknown,
): ApiError | undefined {
  if (isFinalAnswer(error)) return error;
  const isPatient = clock.nowMs() - startTimeMs < PATIENCE_MS;
  return isPatient ? undefined : new ApiError(Code.INTERNAL, "an internal error has occurred");
}
