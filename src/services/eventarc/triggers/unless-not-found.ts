import { Code } from "../../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../../wire/errors.ts";

/** The answer, or undefined where it is NOT_FOUND. */
export function unlessNotFound<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  return unlessCode(answer, Code.NOT_FOUND);
}

/** The answer, or undefined where it is an error of that code. */
export async function unlessCode<Answer>(answer: Promise<Answer>, code: Code): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.code === code) return undefined;
    throw error;
  }
}
