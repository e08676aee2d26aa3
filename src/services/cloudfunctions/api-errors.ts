import type { Code } from "../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../wire/errors.ts";

/** Whether a call was answered with one of these codes. */
export function isApiError(error: unknown, ...codes: Code[]): error is ApiError {
  return error instanceof ApiError && codes.includes(error.code);
}

/** The call's answer; undefined when it was answered with one of these codes. */
export async function unless<Value>(call: Promise<Value>, ...codes: Code[]): Promise<Value | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isApiError(error, ...codes)) return undefined;
    throw error;
  }
}
