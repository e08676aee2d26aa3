import { formatReference, parseReference } from "../../oci/reference.ts";

/** What Docker calls its own registry, and the host that answers for it. */
const DOCKER_HUB = "docker.io";
const DOCKER_HUB_HOST = "registry-1.docker.io";

/**
 * The full form of an image name, HOST/PATH[:TAG][@DIGEST] with a tag or a digest: `ubuntu` is
 * docker.io/library/ubuntu:latest, as Docker has it. Throws a TypeError that names the fault.
 */
export function fullImageName(name: string): string {
  return formatReference(parseReference(withHost(name)));
}

/** The reference that an image of this full name is pulled by. */
export function pullReference(fullName: string): string {
  const reference = parseReference(fullName);
  return formatReference(reference.host === DOCKER_HUB ? { ...reference, host: DOCKER_HUB_HOST } : reference);
}

/** The same image by its digest. */
export function digestReference(fullName: string, digest: string): string {
  const { host, repository } = parseReference(fullName);
  return formatReference({ host, repository, digest });
}

function withHost(name: string): string {
  const [first = "", ...rest] = name.split("/");
  if (rest.length === 0) return `${DOCKER_HUB}/library/${name}`;
  // Docker's rule for what a host looks like.
  const isHost = first === "localhost" || /[.:]/.test(first);
  if (!isHost) return `${DOCKER_HUB}/${name}`;
  return first === `index.${DOCKER_HUB}` ? [DOCKER_HUB, ...rest].join("/") : name;
}
