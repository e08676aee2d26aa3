import { projectNumberOf } from "../../wire/projects/project-number.ts";

/** The parts of a build's resource name. */
export interface BuildName {
  readonly project: string;
  readonly location: string;
  readonly id: string;
}

/** projects/P/locations/L/builds/ID with the project's id: the key of the row. */
export function formatBuildName({ project, location, id }: BuildName): string {
  return `projects/${project}/locations/${location}/builds/${id}`;
}

/** Reads a key that formatBuildName made. */
export function parseBuildName(name: string): BuildName {
  const [, project = "", , location = "", , id = ""] = name.split("/");
  return { project, location, id };
}

/** Build.name as Google writes it, with the project's number. */
export function publicBuildName(name: BuildName): string {
  return formatBuildName({ ...name, project: projectNumberOf(name.project) });
}

/** The name of a build's operation: gcloud polls it by the build's id alone. */
export function operationNameOf({ project, location, id }: BuildName): string {
  return `projects/${project}/locations/${location}/operations/${id}`;
}

/** Build.log_url: Google's console page of the build. */
export function logUrlOf(name: BuildName): string {
  const region = name.location === "global" ? "" : `;region=${name.location}`;
  return `https://console.cloud.google.com/cloud-build/builds${region}/${name.id}?project=${projectNumberOf(name.project)}`;
}
