import { Code } from "../../gen/google/rpc/code_pb.js";
import { ApiError, failedPrecondition, invalidArgument, notFound } from "../../wire/errors.ts";

/** NOT_FOUND in Cloud Build's words. */
export function buildNotFound(name: string): ApiError {
  return notFound(name, "Requested entity was not found.");
}

/** INVALID_ARGUMENT that names the field, in the form `invalid build: ...` that Cloud Build uses. */
export function invalidBuild(field: string, problem: string): ApiError {
  return invalidArgument(`invalid build: ${problem}`, [{ field: `build.${field}`, description: problem }]);
}

/** INVALID_ARGUMENT: a template uses a substitution that neither Cloud Build nor the build defines. */
export function unknownSubstitution(key: string): ApiError {
  const problem = key.startsWith("_")
    ? `key in the template "${key}" is not matched in the substitution data`
    : `key in the template "${key}" is not a valid built-in substitution`;
  return invalidSubstitution(problem);
}

/** INVALID_ARGUMENT: the build defines substitutions that no template uses, with substitution_option MUST_MATCH. */
export function unusedSubstitutions(keys: readonly string[]): ApiError {
  const problems = keys.map((key) => `key "${key}" in the substitution data is not matched in the template`);
  return invalidSubstitution(problems.join(";"));
}

/** INVALID_ARGUMENT: user-defined substitutions begin with an underscore. */
export function invalidSubstitutionKey(key: string): ApiError {
  const problem = `substitution key "${key}" does not respect format "^_[A-Z0-9_]+$" and is not an overridable built-in substitutions`;
  return invalidArgument(`invalid build: invalid .substitutions field: ${problem}`, [
    { field: "build.substitutions", description: problem },
  ]);
}

/** INVALID_ARGUMENT for substitutions, in the form that Cloud Build uses. */
export function invalidSubstitution(problem: string): ApiError {
  return invalidArgument(`invalid value for 'build.substitutions': ${problem}`, [
    { field: "build.substitutions", description: problem },
  ]);
}

/** INVALID_ARGUMENT in Google's words (cloud.google.com/build/docs/securing-builds/configure-user-specified-service-accounts). */
export function logsNeedADestination(): ApiError {
  return invalidArgument(
    "if 'build.service_account' is specified, the build must either (a) specify 'build.logs_bucket', (b) use the REGIONAL_USER_OWNED_BUCKET build.options.default_logs_bucket_behavior option, or (c) use either CLOUD_LOGGING_ONLY / NONE logging options",
  );
}

/** FAILED_PRECONDITION: the build is over already. */
export function notCancellable(id: string): ApiError {
  return failedPrecondition(`Build ${id} is finished; it cannot be cancelled.`);
}

/** What the operation of a build that did not succeed ends with; gcloud prints the message. */
export const buildErrors = {
  FAILURE: new ApiError(Code.UNKNOWN, "Build failed; check build logs for details"),
  TIMEOUT: new ApiError(Code.DEADLINE_EXCEEDED, "Build timed out; check build logs for details"),
  CANCELLED: new ApiError(Code.CANCELLED, "Build was cancelled"),
  EXPIRED: new ApiError(Code.DEADLINE_EXCEEDED, "Build expired: it was queued for longer than its queue_ttl"),
  INTERNAL_ERROR: new ApiError(Code.INTERNAL, "Build failed because of an internal error"),
} as const;
