import type { ServiceModule } from "../service-module.ts";

/** Which API a request is for. */
export interface Target {
  /** The modules that may answer, in order; more than one only when neither host nor path prefix says which. */
  readonly modules: readonly ServiceModule[];
  /** The host as Google's clients would write it, region included: "us-central1-run.googleapis.com". */
  readonly host: string;
  /** Path without the prefix that selected the module. */
  readonly path: string;
}

/** A location in front of a host label: "us-central1-run" or "us-central1-localhost". */
const REGION_LABEL = /^([a-z]+-[a-z]+\d+)-(.+)$/;

/**
 * Finds the API by host ("run.googleapis.com", "us-central1-run.googleapis.com", "run.localhost", "x-docker.pkg.dev") or,
 * on a shared host, by the first path segment ("/run/v2/..."); what neither tells is offered to every module.
 */
export function findTarget(modules: readonly ServiceModule[], host: string, path: string): Target {
  const hostname = host.replace(/:\d+$/, "").toLowerCase();
  const region = regionOf(hostname);
  const byHost = moduleOfHost(modules, hostname);
  if (byHost) return { modules: [byHost], host: canonicalHost(byHost, hostname, region), path };

  const [, prefix, rest] = /^\/([a-z]+)(\/.*)?$/.exec(path) ?? [];
  const byPrefix = modules.find((module) => module.name === prefix);
  // Paths of the storage JSON API begin with "/storage/v1" by themselves: gcloud needs it at the bare root.
  if (byPrefix?.pathsBeginWithName) return { modules: [byPrefix], host: apiHost(byPrefix, region), path };
  if (byPrefix && rest) return { modules: [byPrefix], host: apiHost(byPrefix, region), path: rest };
  return { modules, host: hostname, path };
}

function moduleOfHost(modules: readonly ServiceModule[], hostname: string): ServiceModule | undefined {
  const bySurface = modules.find((module) => module.surfaces?.some((surface) => surface.hosts?.test(hostname)));
  if (bySurface) return bySurface;
  const [label = "", ...domain] = hostname.split(".");
  if (domain.length === 0) return undefined;
  const name = REGION_LABEL.exec(label)?.[2] ?? label;
  return modules.find((module) => module.name === name);
}

/** Hosts that a surface claims stay as they are; API hosts become Google's. */
function canonicalHost(module: ServiceModule, hostname: string, region: string | undefined): string {
  const claimed = module.surfaces?.some((surface) => surface.hosts?.test(hostname));
  return claimed ? hostname : apiHost(module, region);
}

function apiHost(module: ServiceModule, region: string | undefined): string {
  return `${region ? `${region}-` : ""}${module.name}.googleapis.com`;
}

function regionOf(hostname: string): string | undefined {
  return REGION_LABEL.exec(hostname.split(".")[0]!)?.[1];
}
