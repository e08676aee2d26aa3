import {
  type ApiError,
  aborted,
  alreadyExists,
  failedPrecondition,
  invalidArgument,
  notFound,
} from "../../../wire/errors.ts";

/** Google's words. */
export function roleNotFound(name: string): ApiError {
  return notFound(name, `The role named ${name} was not found.`);
}

export function roleExists(name: string): ApiError {
  const [, project, , id] = name.split("/");
  return alreadyExists(name, `A role named ${id} in projects/${project} already exists.`);
}

/** FAILED_PRECONDITION: a deleted role is undeleted first, and one that is not is not undeleted. */
export function roleState(name: string, state: "deleted" | "not deleted"): ApiError {
  return failedPrecondition(`The role named ${name} is ${state}.`);
}

export function staleRole(): ApiError {
  return aborted(
    "There were concurrent changes to the role. Please retry the whole read-modify-write with exponential backoff.",
  );
}

/** A field has a value that IAM does not take. */
export function invalidRole(field: string, description: string): ApiError {
  return invalidArgument(description, [{ field, description }]);
}
