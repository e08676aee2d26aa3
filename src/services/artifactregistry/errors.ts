import { failedPrecondition, invalidArgument, notFound } from "../../wire/errors.ts";

/** Google's wording for a resource of Artifact Registry that is not there. */
export function requestedEntityNotFound(name: string) {
  return notFound(name, "Requested entity was not found.");
}

/** A repository id outside Google's pattern. */
export function invalidRepositoryId(id: string) {
  const description = `Invalid repository ID '${id}': it must start with a lower-case letter, hold only lower-case letters, numbers and hyphens, end with a letter or number, and have at most 63 characters.`;
  return invalidArgument(description, [{ field: "repository_id", description }]);
}

/** A repository whose format is none that homerun serves. */
export function unsupportedFormat(format: string) {
  const description = `Repositories of format ${format} are not supported by homerun; only DOCKER is.`;
  return invalidArgument(description, [{ field: "repository.format", description }]);
}

/** A version that cannot be deleted while tags point at it. */
export function versionIsTagged(version: string, tags: readonly string[]) {
  return failedPrecondition(
    `Cannot delete version ${version} because it is tagged: ${tags.join(", ")}. Delete its tags first or set force.`,
  );
}

/** A version that cannot be deleted while an index names it. */
export function versionHasParents(version: string, parents: readonly string[]) {
  return failedPrecondition(
    `Cannot delete version ${version} because it is referenced by parent manifests: ${parents.join(", ")}.`,
  );
}

/** A tag that a repository with immutable tags does not let go. */
export function tagIsImmutable(tag: string) {
  return failedPrecondition(`Cannot update tag ${tag}: the repository has enabled tag immutability.`);
}
