import { type ApiError, invalidArgument } from "../../../wire/errors.ts";

/** INVALID_ARGUMENT that names the field of a trigger, in the form `invalid trigger: ...`. */
export function invalidTrigger(field: string, problem: string): ApiError {
  return invalidArgument(`invalid trigger: ${problem}`, [{ field: `trigger.${field}`, description: problem }]);
}
