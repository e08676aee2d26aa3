import { invalidArgument } from "../../../wire/errors.ts";
import { formatLocationName, type LocationName } from "../names.ts";

/** The parts of projects/PROJECT/locations/LOCATION/instances/INSTANCE. */
export interface InstanceName extends LocationName {
  readonly instance: string;
}

const INSTANCE = /^projects\/(?<project>[^/]+)\/locations\/(?<location>[^/]+)\/instances\/(?<instance>[^/]+)$/;

/** Parses the name of an instance; INVALID_ARGUMENT for anything else. */
export function parseInstanceName(name: string): InstanceName {
  const groups = INSTANCE.exec(name)?.groups;
  if (groups) return { ...groups } as object as InstanceName;
  const description = `Invalid resource name: '${name}'.`;
  throw invalidArgument(description, [{ field: "name", description }]);
}

/** projects/PROJECT/locations/LOCATION/instances/INSTANCE */
export function formatInstanceName(name: InstanceName): string {
  return `${formatLocationName(name)}/instances/${name.instance}`;
}
