import type { ApiError } from "../../../wire/errors.ts";
import { resourceNotFound } from "../resource-errors.ts";

/** NOT_FOUND of an instance, worded as Google's for services. */
export function instanceNotFound(name: string): ApiError {
  return resourceNotFound(name, "INSTANCE");
}
