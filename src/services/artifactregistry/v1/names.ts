import { invalidArgument } from "../../../wire/errors.ts";
import type { Place } from "../images/place.ts";

const REPOSITORY = String.raw`projects\/[^/]+\/locations\/[^/]+\/repositories\/[^/]+`;
const PACKAGE_NAME = new RegExp(String.raw`^(${REPOSITORY})\/packages\/([^/]+)$`);
const CHILD_NAME = new RegExp(String.raw`^(${REPOSITORY})\/packages\/([^/]+)\/(versions|tags)\/([^/]+)$`);
const DOCKER_IMAGE_NAME = new RegExp(String.raw`^(${REPOSITORY})\/dockerImages\/([^@]+)@(.+)$`);
const REPOSITORY_NAME = new RegExp(`^${REPOSITORY}$`);

/** Rejects what is not the name of a repository. */
export function checkRepositoryName(name: string, field: string): void {
  if (!REPOSITORY_NAME.test(name)) throw invalidName(name, field);
}

/** The image of a package's name, whose slashes are escaped or, as REST decodes them, not. */
export function parsePackageName(name: string, field: string): Place {
  const match = PACKAGE_NAME.exec(escaped(name));
  if (!match) throw invalidName(name, field);
  return { repository: match[1]!, image: decodeURIComponent(match[2]!) };
}

/** The image and the last part of a version's or tag's name. */
export function parseChildName(
  name: string,
  kind: "versions" | "tags",
  field: string,
): Place & { readonly id: string } {
  const match = CHILD_NAME.exec(escaped(name));
  if (!match || match[3] !== kind) throw invalidName(name, field);
  return { repository: match[1]!, image: decodeURIComponent(match[2]!), id: match[4]! };
}

/** The image and digest of a Docker image's name. */
export function parseDockerImageName(name: string, field: string): Place & { readonly digest: string } {
  const match = DOCKER_IMAGE_NAME.exec(name);
  if (!match) throw invalidName(name, field);
  return { repository: match[1]!, image: decodeURIComponent(match[2]!), digest: match[3]! };
}

/** Package ids hold "/" as %2F; one that a client or a proxy has decoded gets it back. */
function escaped(name: string): string {
  const match = new RegExp(String.raw`^(${REPOSITORY}\/packages\/)(.+?)((?:\/(?:versions|tags)\/[^/]+)?)$`).exec(name);
  return match ? `${match[1]}${match[2]!.replaceAll("/", "%2F")}${match[3]}` : name;
}

function invalidName(name: string, field: string) {
  const description = `'${name}' is not a valid name for the field ${field}.`;
  return invalidArgument(description, [{ field, description }]);
}
