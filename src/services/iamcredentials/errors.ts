import { type ApiError, failedPrecondition, invalidArgument, notFound } from "../../wire/errors.ts";

/** NOT_FOUND for an account that does not exist or was deleted. */
export function accountNotFound(name: string, emailOrUniqueId: string): ApiError {
  return notFound(name, `Not found; Gaia id not found for email ${emailOrUniqueId}`);
}

/** FAILED_PRECONDITION for an account that is disabled. */
export function accountDisabled(email: string): ApiError {
  return failedPrecondition(`Service account ${email} is disabled.`);
}

/** INVALID_ARGUMENT for a name that is not of the one form that Google takes. */
export function malformedName(field: "name" | "delegates", name: string): ApiError {
  const description = `Invalid value "${name}": it must have the form projects/-/serviceAccounts/{ACCOUNT_EMAIL_OR_UNIQUEID}.`;
  return invalidArgument(description, [{ field, description }]);
}

/** INVALID_ARGUMENT for a lifetime out of range. */
export function invalidLifetime(maxSeconds: number): ApiError {
  const description = `The lifetime must be greater than 0 and at most ${maxSeconds} seconds.`;
  return invalidArgument(description, [{ field: "lifetime", description }]);
}

/** INVALID_ARGUMENT for scopes that are absent or blank. */
export function invalidScope(): ApiError {
  const description = "At least one scope is required, and none may be blank or hold white space.";
  return invalidArgument(description, [{ field: "scope", description }]);
}

/** INVALID_ARGUMENT for a payload that is not a set of JWT claims. */
export function invalidPayload(description: string): ApiError {
  return invalidArgument(description, [{ field: "payload", description }]);
}
