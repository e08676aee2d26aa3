import { type ApiError, aborted, alreadyExists, failedPrecondition, notFound } from "../../wire/errors.ts";
import { lastSegment } from "./names.ts";

/** Kinds of resources by the names that Google's messages have for them. */
export type Kind = "SERVICE" | "REVISION" | "WORKER_POOL" | "INSTANCE" | "JOB" | "EXECUTION" | "TASK";

/** NOT_FOUND of projects/P/locations/L/.../ID, in Google's words. */
export function resourceNotFound(name: string, kind: Kind): ApiError {
  const [, project, , location] = name.split("/");
  return notFound(
    name,
    `Resource '${lastSegment(name)}' of kind '${kind}' in region '${location}' in project '${project}' does not exist.`,
  );
}

/** ALREADY_EXISTS, in Google's words. */
export function resourceExists(name: string): ApiError {
  return alreadyExists(name, `Resource '${lastSegment(name)}' already exists.`);
}

/** ABORTED: what is on its way out cannot be changed. */
export function beingDeleted(name: string): ApiError {
  return aborted(`Resource '${lastSegment(name)}' is being deleted.`);
}

/** FAILED_PRECONDITION: Google keeps the latest revision. cloud.google.com/run/docs/managing/revisions */
export function latestRevisionKept(revision: string, kind: "Service" | "WorkerPool", owner: string): ApiError {
  return failedPrecondition(
    `Revision '${revision}' is the latest created Revision of ${kind} '${owner}' and cannot be directly deleted.`,
  );
}
