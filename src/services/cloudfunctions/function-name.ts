import { createHash } from "node:crypto";
import type { Principal } from "../../wire/credentials/principal.ts";
import { notFound } from "../../wire/errors.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";

/** A path component of an image name (OCI distribution specification, "Pulling manifests"). */
const IMAGE_NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/** The parts of a function's resource name. */
export interface FunctionName {
  readonly project: string;
  readonly location: string;
  readonly id: string;
}

/** The parts of a location's resource name. */
export type LocationName = Omit<FunctionName, "id">;

/** Reads projects/P/locations/L/functions/F; NOT_FOUND for anything else. */
export function parseFunctionName(name: string): FunctionName {
  const match = /^projects\/([^/]+)\/locations\/([^/]+)\/functions\/([^/]+)$/.exec(name);
  if (!match) throw notFound(name);
  return { project: match[1]!, location: match[2]!, id: match[3]! };
}

/** Reads projects/P/locations/L; NOT_FOUND for anything else. */
export function parseLocationName(name: string): LocationName {
  const match = /^projects\/([^/]+)\/locations\/([^/]+)$/.exec(name);
  if (!match) throw notFound(name);
  return { project: match[1]!, location: match[2]! };
}

/** projects/P/locations/L */
export function formatLocation({ project, location }: LocationName): string {
  return `projects/${project}/locations/${location}`;
}

/** The Cloud Run service of a function: the id in lower case, with "-" for "_". */
export function serviceIdOf({ id }: Pick<FunctionName, "id">): string {
  return id.toLowerCase().replaceAll("_", "-");
}

/** Full name of the Cloud Run service of a function. */
export function serviceNameOf(name: FunctionName): string {
  return `${formatLocation(name)}/services/${serviceIdOf(name)}`;
}

/** The function's URL, https://REGION-PROJECT.cloudfunctions.net/NAME. */
export function urlOf({ project, location, id }: FunctionName): string {
  return `https://${location}-${project}.cloudfunctions.net/${id}`;
}

/**
 * Name of the package that holds a function's images: PROJECT__REGION__FUNCTION in Google's encoding, dashes and
 * underscores doubled. Where that gives no valid image name ("a_B"), a plain one with a hash stands in.
 */
export function packageIdOf({ project, location, id }: FunctionName): string {
  const encoded = [project, location, id].map(encodePart).join("__");
  if (IMAGE_NAME.test(encoded)) return encoded;
  const digest = createHash("sha256").update(`${project}/${location}/${id}`).digest("hex").slice(0, 16);
  return `${encoded.replaceAll(/[^a-z0-9]+/g, "-")}-${digest}`;
}

/** Bucket that keeps the deployed sources (cloud.google.com/functions/docs/building). */
export function sourceBucketOf({ project, location }: LocationName): string {
  return `gcf-v2-sources-${projectNumberOf(project)}-${location}`;
}

/** The object with a function's source. */
export function sourceObjectOf({ id }: Pick<FunctionName, "id">): string {
  return `${id}/function-source.zip`;
}

/** Bucket that upload URLs write to. */
export function uploadBucketOf({ project, location }: LocationName): string {
  return `gcf-v2-uploads-${projectNumberOf(project)}-${location}`;
}

/** Artifact Registry repository of functions that name no other. */
export function defaultRepositoryOf(name: LocationName): string {
  return `${formatLocation(name)}/repositories/gcf-artifacts`;
}

/** Google's console page of the Cloud Run service. */
export function serviceConsoleUrlOf(name: FunctionName): string {
  return `https://console.cloud.google.com/run/detail/${name.location}/${serviceIdOf(name)}?project=${name.project}`;
}

/** The default runtime service account. */
export function computeServiceAccountOf(project: string): string {
  return `${projectNumberOf(project)}-compute@developer.gserviceaccount.com`;
}

/** E-mail address of the Cloud Functions service agent of a project. */
export function agentEmailOf(project: string): string {
  return agentEmailOfNumber(projectNumberOf(project));
}

/** The Cloud Functions service agent of a project, which calls the other services. */
export function agentOf(project: string): Principal {
  return agentOfNumber(projectNumberOf(project));
}

/** The Cloud Functions service agent of the project with this number. */
export function agentOfNumber(number: string): Principal {
  return { kind: "serviceAgent", email: agentEmailOfNumber(number) };
}

function agentEmailOfNumber(number: string): string {
  return `service-${number}@gcf-admin-robot.iam.gserviceaccount.com`;
}

/** Docker names have no capitals: a leading one becomes "a-a", others "_a". */
function encodePart(part: string): string {
  return part
    .replaceAll("_", "__")
    .replaceAll("-", "--")
    .replace(/^[A-Z]/, (letter) => `${letter.toLowerCase()}-${letter.toLowerCase()}`)
    .replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
