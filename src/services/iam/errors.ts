import {
  type ApiError,
  alreadyExists,
  failedPrecondition,
  invalidArgument,
  notFound,
  resourceExhausted,
} from "../../wire/errors.ts";

/** NOT_FOUND as GetServiceAccount and its kin answer. */
export function unknownServiceAccount(name: string): ApiError {
  return notFound(name, "Unknown service account");
}

/** NOT_FOUND for a key. */
export function keyNotFound(name: string, keyId: string): ApiError {
  return notFound(name, `Service account key ${keyId} does not exist.`);
}

/** ALREADY_EXISTS for an account id that is taken in the project. */
export function accountExists(name: string, accountId: string, projectId: string): ApiError {
  return alreadyExists(name, `Service account ${accountId} already exists within project projects/${projectId}.`);
}

/** INVALID_ARGUMENT for an account id that is too short or too long. */
export function accountIdLength(accountId: string): ApiError {
  const description = `The account ID "${accountId}" does not have a length between 6 and 30.`;
  return invalidArgument(description, [{ field: "account_id", description }]);
}

/** INVALID_ARGUMENT for an account id of other characters than RFC 1035 allows. */
export function accountIdPattern(accountId: string): ApiError {
  const description = `The account ID "${accountId}" does not match the regular expression [a-z]([-a-z0-9]*[a-z0-9]).`;
  return invalidArgument(description, [{ field: "account_id", description }]);
}

/** INVALID_ARGUMENT for a text that has more bytes than Google allows. */
export function tooLong(field: string, maxBytes: number): ApiError {
  const description = `The ${field} must be at most ${maxBytes} UTF-8 bytes.`;
  return invalidArgument(description, [{ field: `service_account.${field}`, description }]);
}

/** INVALID_ARGUMENT for a path in an update mask that clients may not change. */
export function notUpdatable(path: string): ApiError {
  const description = `The field ${path} cannot be updated. Only display_name and description can be.`;
  return invalidArgument(description, [{ field: "update_mask", description }]);
}

/** INVALID_ARGUMENT for a name that is not one of a project, a service account or a key. */
export function malformedName(name: string, expected: string): ApiError {
  const description = `Invalid name "${name}": it must have the form ${expected}.`;
  return invalidArgument(description, [{ field: "name", description }]);
}

/** RESOURCE_EXHAUSTED at MAX_SERVICE_ACCOUNTS_PER_PROJECT. */
export function tooManyAccounts(): ApiError {
  return resourceExhausted("Maximum number of service accounts on project reached.");
}

/** FAILED_PRECONDITION at MAX_KEYS_PER_SERVICE_ACCOUNT; Google's message says no more. */
export function tooManyKeys(): ApiError {
  return failedPrecondition("Precondition check failed.");
}

/** FAILED_PRECONDITION for a change of a key that the system manages. */
export function systemManagedKey(keyId: string): ApiError {
  return failedPrecondition(`Service account key ${keyId} is managed by the system and cannot be changed.`);
}
