import { type ApiError, alreadyExists, failedPrecondition, invalidArgument, notFound } from "../../wire/errors.ts";

/** There is no such secret. */
export function secretNotFound(name: string): ApiError {
  return notFound(name, `Secret [${name}] not found.`);
}

/** There is no such secret, or it has no version that "latest" could mean. */
export function noVersions(name: string): ApiError {
  return notFound(name, `Secret [${name}] not found or has no versions.`);
}

/** There is no such version. */
export function versionNotFound(name: string): ApiError {
  return notFound(name, `Secret Version [${name}] not found.`);
}

/** A topic of a secret that its project's service agent cannot publish to. */
export function topicNotUsable(topic: string, agent: string): ApiError {
  return failedPrecondition(
    `Secret Manager's service agent ${agent} could not publish to the topic ${topic}: it does not exist, or the agent may not publish to it.`,
  );
}

/** The id of a new secret is taken. */
export function secretExists(name: string): ApiError {
  return alreadyExists(name, `Secret [${name}] already exists.`);
}

/** A version that is not enabled cannot be read; one that is destroyed cannot be changed. */
export function versionInState(name: string, state: string): ApiError {
  return failedPrecondition(`Secret Version [${name}] is in ${state} state.`);
}

/** A field has a value that Secret Manager does not take. */
export function invalidField(field: string, description: string): ApiError {
  return invalidArgument(description, [{ field, description }]);
}
