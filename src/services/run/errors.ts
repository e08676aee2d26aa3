import { Code } from "../../gen/google/rpc/code_pb.js";
import { ApiError, aborted, alreadyExists, failedPrecondition, notFound } from "../../wire/errors.ts";
import { lastSegment, parseRevisionName, parseServiceName } from "./names.ts";

/** NOT_FOUND of a service, in Google's words. */
export function serviceNotFound(name: string): ApiError {
  const { project, location, service } = parseServiceName(name);
  return notFound(
    name,
    `Resource '${service}' of kind 'SERVICE' in region '${location}' in project '${project}' does not exist.`,
  );
}

/** NOT_FOUND of a revision, in Google's words. */
export function revisionNotFound(name: string): ApiError {
  const { project, location, revision } = parseRevisionName(name);
  return notFound(
    name,
    `Resource '${revision}' of kind 'REVISION' in region '${location}' in project '${project}' does not exist.`,
  );
}

/** ALREADY_EXISTS of a service, in Google's words. */
export function serviceExists(name: string): ApiError {
  return alreadyExists(name, `Resource '${lastSegment(name)}' already exists.`);
}

/** A revision is immutable: its name cannot stand for another template. Google's words. */
export function revisionExists(revision: string): ApiError {
  return new ApiError(Code.ALREADY_EXISTS, `Revision named '${revision}' with different configuration already exists.`);
}

/** ABORTED: a service that is on its way out cannot be changed. */
export function serviceBeingDeleted(name: string): ApiError {
  return aborted(`Resource '${lastSegment(name)}' is being deleted.`);
}

/** ABORTED: the client changed a version of the service that is not the current one. Google's words. */
export function versionConflict(name: string, given: string, current: string): ApiError {
  return aborted(
    `Conflict for resource '${lastSegment(name)}': version '${given}' was specified but current version is '${current}'.`,
  );
}

/** FAILED_PRECONDITION: Google keeps the latest revision. cloud.google.com/run/docs/managing/revisions */
export function latestRevisionKept(revision: string, service: string): ApiError {
  return failedPrecondition(
    `Revision '${revision}' is the latest created Revision of Service '${service}' and cannot be directly deleted.`,
  );
}

/** FAILED_PRECONDITION: Google keeps revisions that requests may reach. cloud.google.com/run/docs/managing/revisions */
export function servingRevisionKept(revision: string): ApiError {
  return failedPrecondition(
    `Revision '${revision}' is currently actively serving traffic or referenced by a traffic tag and cannot be deleted.`,
  );
}
