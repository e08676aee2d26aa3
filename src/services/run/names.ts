import { invalidArgument } from "../../wire/errors.ts";

/** The parts of projects/PROJECT/locations/LOCATION. */
export interface LocationName {
  readonly project: string;
  readonly location: string;
}

/** The parts of projects/PROJECT/locations/LOCATION/services/SERVICE. */
export interface ServiceName extends LocationName {
  readonly service: string;
}

/** The parts of SERVICE_NAME/revisions/REVISION, or of WORKER_POOL_NAME/revisions/REVISION. */
export interface RevisionName extends LocationName {
  readonly collection: "services" | "workerPools";
  /** Short name of the service or worker pool. */
  readonly owner: string;
  readonly revision: string;
}

const LOCATION = /^projects\/([^/]+)\/locations\/([^/]+)$/;
const SERVICE = /^projects\/([^/]+)\/locations\/([^/]+)\/services\/([^/]+)$/;
const REVISION = /^projects\/([^/]+)\/locations\/([^/]+)\/(services|workerPools)\/([^/]+)\/revisions\/([^/]+)$/;

/** Parses the name of a location; INVALID_ARGUMENT for anything else. */
export function parseLocationName(name: string): LocationName {
  const [, project, location] = LOCATION.exec(name) ?? invalidName(name);
  return { project: project!, location: location! };
}

/** Parses the name of a service; INVALID_ARGUMENT for anything else. */
export function parseServiceName(name: string): ServiceName {
  const [, project, location, service] = SERVICE.exec(name) ?? invalidName(name);
  return { project: project!, location: location!, service: service! };
}

/** Parses the name of a revision; INVALID_ARGUMENT for anything else. */
export function parseRevisionName(name: string): RevisionName {
  const [, project, location, collection, owner, revision] = REVISION.exec(name) ?? invalidName(name);
  return {
    project: project!,
    location: location!,
    collection: collection as RevisionName["collection"],
    owner: owner!,
    revision: revision!,
  };
}

/** projects/PROJECT/locations/LOCATION */
export function formatLocationName({ project, location }: LocationName): string {
  return `projects/${project}/locations/${location}`;
}

/** projects/PROJECT/locations/LOCATION/services/SERVICE */
export function formatServiceName(name: ServiceName): string {
  return `${formatLocationName(name)}/services/${name.service}`;
}

/** Full name of a revision of the service or worker pool with this full name. */
export function revisionNameOf(ownerName: string, revision: string): string {
  return `${ownerName}/revisions/${revision}`;
}

/** The last segment of a resource name. */
export function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** Full name of the service or worker pool that a revision with this full name belongs to. */
export function ownerNameOf(revisionName: string): string {
  return revisionName.slice(0, revisionName.lastIndexOf("/revisions/"));
}

function invalidName(name: string): never {
  const description = `Invalid resource name: '${name}'.`;
  throw invalidArgument(description, [{ field: "name", description }]);
}
