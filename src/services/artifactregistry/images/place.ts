/** An image (a "package" in Artifact Registry's words) of a repository. */
export interface Place {
  /** projects/P/locations/L/repositories/R */
  readonly repository: string;
  /** Name below the repository; may hold slashes. */
  readonly image: string;
}

/** Resource name of an image; its slashes are escaped. */
export function packageName({ repository, image }: Place): string {
  return `${repository}/packages/${encodeURIComponent(image)}`;
}

/** Resource name of a version, which is a manifest. */
export function versionName(place: Place, digest: string): string {
  return `${packageName(place)}/versions/${digest}`;
}

/** Resource name of a tag. */
export function tagName(place: Place, tag: string): string {
  return `${packageName(place)}/tags/${tag}`;
}

/** Resource name of a manifest seen as a Docker image. */
export function dockerImageName({ repository, image }: Place, digest: string): string {
  return `${repository}/dockerImages/${encodeURIComponent(image)}@${digest}`;
}

/** How clients of the registry write a manifest: L-docker.pkg.dev/P/R/IMAGE@DIGEST. */
export function imageUri({ repository, image }: Place, digest: string): string {
  return `${registryUri(repository)}/${image}@${digest}`;
}

/** How clients of the registry write a repository. */
export function registryUri(repository: string): string {
  const [, project, , location, , id] = repository.split("/");
  return `${location}-docker.pkg.dev/${project}/${id}`;
}
