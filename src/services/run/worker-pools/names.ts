import { invalidArgument } from "../../../wire/errors.ts";
import { formatLocationName, type LocationName } from "../names.ts";

/** The parts of projects/PROJECT/locations/LOCATION/workerPools/WORKER_POOL. */
export interface WorkerPoolName extends LocationName {
  readonly workerPool: string;
}

const WORKER_POOL = /^projects\/(?<project>[^/]+)\/locations\/(?<location>[^/]+)\/workerPools\/(?<workerPool>[^/]+)$/;

/** Parses the name of a worker pool; INVALID_ARGUMENT for anything else. */
export function parseWorkerPoolName(name: string): WorkerPoolName {
  const groups = WORKER_POOL.exec(name)?.groups;
  if (groups) return { ...groups } as object as WorkerPoolName;
  const description = `Invalid resource name: '${name}'.`;
  throw invalidArgument(description, [{ field: "name", description }]);
}

/** projects/PROJECT/locations/LOCATION/workerPools/WORKER_POOL */
export function formatWorkerPoolName(name: WorkerPoolName): string {
  return `${formatLocationName(name)}/workerPools/${name.workerPool}`;
}
