import { type ApiError, aborted, alreadyExists, failedPrecondition, notFound } from "../../../wire/errors.ts";
import { lastSegment } from "../names.ts";
import { parseWorkerPoolName } from "./names.ts";

/** NOT_FOUND of a worker pool, worded as Google's for services. */
export function workerPoolNotFound(name: string): ApiError {
  const { project, location, workerPool } = parseWorkerPoolName(name);
  return notFound(
    name,
    `Resource '${workerPool}' of kind 'WORKER_POOL' in region '${location}' in project '${project}' does not exist.`,
  );
}

/** ALREADY_EXISTS of a worker pool, in Google's words. */
export function workerPoolExists(name: string): ApiError {
  return alreadyExists(name, `Resource '${lastSegment(name)}' already exists.`);
}

/** ABORTED: a worker pool that is on its way out cannot be changed. */
export function beingDeleted(name: string): ApiError {
  return aborted(`Resource '${lastSegment(name)}' is being deleted.`);
}

/** FAILED_PRECONDITION: the latest revision stays. Google: Cloud Run docs, manage worker pool revisions. */
export function latestRevisionKept(revision: string, workerPool: string): ApiError {
  return failedPrecondition(
    `Revision '${revision}' is the latest created Revision of WorkerPool '${workerPool}' and cannot be directly deleted.`,
  );
}

/** FAILED_PRECONDITION: revisions that have instances stay. Google: Cloud Run docs, manage worker pool revisions. */
export function runningRevisionKept(revision: string): ApiError {
  return failedPrecondition(`Revision '${revision}' is part of an instance split and cannot be deleted.`);
}
