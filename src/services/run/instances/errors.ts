import { type ApiError, aborted, alreadyExists, notFound } from "../../../wire/errors.ts";
import { lastSegment } from "../names.ts";
import { parseInstanceName } from "./names.ts";

/** NOT_FOUND of an instance, worded as Google's for services. */
export function instanceNotFound(name: string): ApiError {
  const { project, location, instance } = parseInstanceName(name);
  return notFound(
    name,
    `Resource '${instance}' of kind 'INSTANCE' in region '${location}' in project '${project}' does not exist.`,
  );
}

/** ALREADY_EXISTS: another instance or a service of the region has the name, and with it the URL. */
export function instanceExists(name: string): ApiError {
  return alreadyExists(name, `Resource '${lastSegment(name)}' already exists.`);
}

/** ABORTED: an instance that is on its way out cannot be started or stopped. */
export function beingDeleted(name: string): ApiError {
  return aborted(`Resource '${lastSegment(name)}' is being deleted.`);
}
