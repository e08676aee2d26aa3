import { createHash } from "node:crypto";
import type { Service } from "../../gen/google/cloud/run/v2/service_pb.js";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { parseServiceName, type ServiceName } from "./names.ts";
import { regionCodeOf } from "./region-codes.ts";

/** Annotation by which a function's service tells the function's id, as it stands in the function's URL. */
const FUNCTION_ID = "cloudfunctions.googleapis.com/function-id";
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const HASH_LENGTH = 10;

/** Where a service is reached. */
export interface ServiceUrls {
  /** The main URL, https://NAME-HASH-REGIONCODE.a.run.app; "" when the default URI is disabled and no other is there. */
  readonly uri: string;
  /** All URLs, in Google's order: by project number, of the function, by hash. */
  readonly urls: readonly string[];
  /** Host names that reach it. */
  readonly hosts: readonly string[];
  /** Paths below the host of functions that reach it. */
  readonly paths: readonly { readonly host: string; readonly path: string }[];
}

/** The addresses of a service; they follow from its name, so that they are the same on every machine. */
export function urlsOf(service: Service): ServiceUrls {
  const name = parseServiceName(service.name);
  const [byNumber, byHash] = hostsOf(name);
  const functionId = service.annotations[FUNCTION_ID];
  const paths = functionId ? [{ host: functionHost(name), path: `/${functionId}` }] : [];
  const functionUrls = paths.map(({ host, path }) => `https://${host}${path}`);
  if (service.defaultUriDisabled) return { uri: functionUrls[0] ?? "", urls: functionUrls, hosts: [], paths };
  return {
    uri: `https://${byHash}`,
    urls: [`https://${byNumber}`, ...functionUrls, `https://${byHash}`],
    hosts: [byNumber, byHash],
    paths,
  };
}

/** The host names that a service, or an instance of that name, has of its own: by project number and by hash. */
export function hostsOf(name: ServiceName): [byNumber: string, byHash: string] {
  return [numberHost(name), hashHost(name)];
}

/** The URL of a tag: the service's main URL with "TAG---" in front of its host. */
export function tagUrlOf(service: Service, tag: string): string {
  return `https://${tag}---${hashHost(parseServiceName(service.name))}`;
}

function numberHost({ project, location, service }: ServiceName): string {
  return `${service}-${projectNumberOf(project)}.${location}.run.app`;
}

function hashHost({ project, location, service }: ServiceName): string {
  return `${service}-${projectHash(project)}-${regionCodeOf(location)}.a.run.app`;
}

function functionHost({ project, location }: ServiceName): string {
  return `${location}-${project}.cloudfunctions.net`;
}

function projectHash(project: string): string {
  const digest = createHash("sha256").update(`run-hash/${project}`).digest();
  return Array.from({ length: HASH_LENGTH }, (_, index) => BASE32[digest[index]! % BASE32.length]).join("");
}
