import { invalidRole } from "./errors.ts";

/** What a full resource name tells. */
export interface FullName {
  /** As permissions begin: "run", "storage"; of a project "resourcemanager". */
  readonly service: string;
  /** Undefined where the name does not say. */
  readonly project: string | undefined;
  readonly isProject: boolean;
}

/** Reads "//run.googleapis.com/projects/p/locations/l/services/s". */
export function parseFullName(name: string): FullName {
  const [, host, path] = /^\/\/([a-z]+)\.googleapis\.com\/(.+)$/.exec(name) ?? [];
  if (host === undefined || path === undefined)
    throw invalidRole("full_resource_name", `The full resource name ${name} is invalid.`);
  const project = /^projects\/([^/_][^/]*)/.exec(path)?.[1];
  const service = host === "cloudresourcemanager" ? "resourcemanager" : host;
  return { service, project, isProject: /^projects\/[^/]+$/.test(path) };
}
