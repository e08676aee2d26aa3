import { Code } from "../../../gen/google/rpc/code_pb.js";
import { ApiError, aborted, failedPrecondition } from "../../../wire/errors.ts";
import { lastSegment } from "../names.ts";
import { resourceNotFound } from "../resource-errors.ts";

/** NOT_FOUND of a service, in Google's words. */
export function serviceNotFound(name: string): ApiError {
  return resourceNotFound(name, "SERVICE");
}

/** NOT_FOUND of a revision, in Google's words. */
export function revisionNotFound(name: string): ApiError {
  return resourceNotFound(name, "REVISION");
}

/** A revision is immutable: its name cannot stand for another template. Google's words. */
export function revisionExists(revision: string): ApiError {
  return new ApiError(Code.ALREADY_EXISTS, `Revision named '${revision}' with different configuration already exists.`);
}

/** ABORTED: the client changed a version of the service that is not the current one. Google's words. */
export function versionConflict(name: string, given: string, current: string): ApiError {
  return aborted(
    `Conflict for resource '${lastSegment(name)}': version '${given}' was specified but current version is '${current}'.`,
  );
}

/** FAILED_PRECONDITION: Google keeps revisions that requests may reach. cloud.google.com/run/docs/managing/revisions */
export function servingRevisionKept(revision: string): ApiError {
  return failedPrecondition(
    `Revision '${revision}' is currently actively serving traffic or referenced by a traffic tag and cannot be deleted.`,
  );
}
