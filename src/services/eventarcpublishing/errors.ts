import { type ApiError, invalidArgument } from "../../wire/errors.ts";

/** INVALID_ARGUMENT for a part of a request, in the wording of Eventarc. */
export function invalidRequest(field: string, why: string): ApiError {
  const description = `The request was invalid: ${why}`;
  return invalidArgument(description, [{ field, description }]);
}
