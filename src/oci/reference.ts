import { parseDigest } from "./digest.ts";

/** A parsed image reference; at least one of tag and digest is there ("latest" when neither was written). */
export interface ImageReference {
  /** Registry host with an optional port, for example us-central1-docker.pkg.dev or localhost:8484. */
  readonly host: string;
  /** Repository path below the host, for example PROJECT/REPOSITORY/IMAGE. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const HOST = /^(?:localhost|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9-]+)*|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** Parses HOST/PATH[:TAG][@DIGEST]; throws a TypeError that names the fault for anything else. */
export function parseReference(text: string): ImageReference {
  const [named, digest, ...rest] = text.split("@");
  const slash = named!.indexOf("/");
  const colon = named!.lastIndexOf(":");
  const tag = colon > slash ? named!.slice(colon + 1) : undefined;
  const host = named!.slice(0, Math.max(slash, 0));
  const repository = named!.slice(slash + 1, tag === undefined ? undefined : colon);
  if (!looksLikeHost(host)) throw new TypeError(`image reference without a registry host: ${text}`);
  if (!isRepositoryName(repository)) throw new TypeError(`invalid repository name in image reference: ${text}`);
  if (tag !== undefined && !isTag(tag)) throw new TypeError(`invalid tag in image reference: ${text}`);
  const digestFaulty = digest !== undefined && !parseDigest(digest);
  if (digestFaulty || rest.length > 0) throw new TypeError(`invalid digest in image reference: ${text}`);
  if (digest !== undefined) return { host, repository, ...(tag === undefined ? {} : { tag }), digest };
  return { host, repository, tag: tag ?? "latest" };
}

/** Writes a reference back as HOST/PATH[:TAG][@DIGEST]. */
export function formatReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  return `${reference.host}/${reference.repository}${tag}${digest}`;
}

/** Whether `text` is a repository name by distribution-spec ("Pulling manifests", <name>), at most 255 characters. */
export function isRepositoryName(text: string): boolean {
  return text.length <= 255 && NAME.test(text);
}

/** Whether `text` is a tag by distribution-spec. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

function looksLikeHost(host: string): boolean {
  // The first part of a path is a host only if it cannot be a plain path component; docker's rule.
  return HOST.test(host) && (host === "localhost" || /[.:]/.test(host));
}
