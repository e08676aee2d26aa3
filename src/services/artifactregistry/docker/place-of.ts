import { nameInvalid, RegistryError } from "../../../oci/distribution/errors.ts";
import type { Place } from "../images/place.ts";
import type { RegistryModel } from "../model.ts";
import type { PlaceOf } from "./registry-storage.ts";

/** us-central1-docker.pkg.dev: the location is part of the host. */
const REGISTRY_HOST = /^([a-z0-9-]+)-docker\.pkg\.dev$/;
/** Where a repository is looked for first when a client uses another host and several locations have it. */
const FIRST_LOCATION = "us-central1";

/**
 * Finds images by the names of the registry protocol, PROJECT/REPOSITORY/IMAGE, for one host. A host other than
 * L-docker.pkg.dev (the server's own address) names no location: there the name may begin with such a host,
 * L-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE; without one the only location that has the repository counts, and of several
 * us-central1, then the first by name. Rejects with NAME_UNKNOWN when there is no such repository.
 */
export function createPlaceOf(model: RegistryModel, host: string): PlaceOf {
  const hostLocation = REGISTRY_HOST.exec(host)?.[1];
  return async (name) => {
    const parts = name.split("/");
    const namedLocation = hostLocation === undefined ? REGISTRY_HOST.exec(parts[0]!)?.[1] : undefined;
    const [project, id, ...image] = namedLocation === undefined ? parts : parts.slice(1);
    if (project === undefined || id === undefined || image.length === 0) throw nameInvalid(name);
    const location = hostLocation ?? namedLocation ?? (await locationOf(model, project, id));
    const repository = `projects/${model.projects.idOf(project)}/locations/${location}/repositories/${id}`;
    if (location === undefined || !(await model.repositories.get(repository))) throw repositoryUnknown(id);
    return { repository, image: image.join("/") };
  };
}

async function locationOf({ repositories, projects }: RegistryModel, project: string, id: string) {
  const parent = `projects/${projects.idOf(project)}/locations/-`;
  // A project has few repositories of one name: one for each location at most, which are some dozens.
  const rows = await repositories.list({ parent, limit: 10_000 });
  const found = rows.filter(({ name }) => name.endsWith(`/repositories/${id}`));
  const locations = found.map(({ name }) => name.split("/")[3]!);
  return locations.includes(FIRST_LOCATION) ? FIRST_LOCATION : locations[0];
}

function repositoryUnknown(id: string): RegistryError {
  return new RegistryError(404, "NAME_UNKNOWN", `Repository "${id}" not found`);
}

/** The same, asking the store once per name; for the length of one request. */
export function remembering(placeOf: PlaceOf): PlaceOf {
  const known = new Map<string, Promise<Place>>();
  return (name) => {
    const place = known.get(name) ?? placeOf(name);
    known.set(name, place);
    return place;
  };
}
