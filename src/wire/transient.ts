import { Code } from "../gen/google/rpc/code_pb.js";
import { ApiError } from "./errors.ts";

/** Codes of answers that another try may change. */
const TRANSIENT: readonly Code[] = [
  Code.INTERNAL,
  Code.UNAVAILABLE,
  Code.ABORTED,
  Code.CANCELLED,
  Code.DEADLINE_EXCEEDED,
  Code.UNKNOWN,
];

/** Whether an error is an answer that stays the same however often one asks. */
export function isFinalAnswer(error: unknown): error is ApiError {
  return error instanceof ApiError && !TRANSIENT.includes(error.code);
}
