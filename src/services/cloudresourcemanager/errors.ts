import { ApiError, invalidArgument } from "../../wire/errors.ts";
import { Code } from "../../gen/google/rpc/code_pb.js";

/** Google answers PERMISSION_DENIED for a project that does not exist, so that nobody can probe for ids. */
export function projectNotFound(project: string): ApiError {
  return new ApiError(
    Code.PERMISSION_DENIED,
    `The caller does not have permission to access project '${project}' or it may not exist.`,
  );
}

/** The id does not have the form of a project id: 6 to 30 lower-case letters, digits and hyphens, a letter first. */
export function invalidProjectId(project: string): ApiError {
  const description = `Project id '${project}' must be 4 to 63 lower-case letters, digits, or hyphens, and start with a letter.`;
  return invalidArgument(description, [{ field: "name", description }]);
}
