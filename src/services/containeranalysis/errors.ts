import { type ApiError, invalidArgument, notFound } from "../../wire/errors.ts";

/** The note of a request is not there. */
export function noteNotFound(name: string): ApiError {
  return notFound(name, `note with name "${name}" not found`);
}

/** The occurrence of a request is not there. */
export function occurrenceNotFound(name: string): ApiError {
  return notFound(name, `occurrence with name "${name}" not found`);
}

/** An occurrence of one kind cannot belong to a note of another. */
export function otherKind(field: string, description: string): ApiError {
  return invalidArgument(description, [{ field, description }]);
}

/** A field that Grafeas requires is empty. */
export function required(field: string): ApiError {
  return invalidArgument(`${field} is required.`, [{ field, description: "Required." }]);
}
