import { LOCATIONS } from "../../wire/locations.ts";
import type { Principal } from "../../wire/credentials/principal.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { invalidField } from "./errors.ts";

const PARENT = /^projects\/[^/]+\/locations\/([^/]+)$/;
const NAME = /^(projects\/[^/]+\/locations\/[^/]+)\/jobs\/([A-Za-z0-9_-]{1,500})$/;

/** Rejects what is no location of a project, or none that there is; "-" means all when `wildcard` says so. */
export function checkParent(parent: string, wildcard = false): void {
  const location = PARENT.exec(parent)?.[1];
  if (location === undefined)
    throw invalidField("parent", 'parent must be "projects/<PROJECT_ID>/locations/<LOCATION_ID>".');
  if (location in LOCATIONS || (wildcard && location === "-")) return;
  const description = `Location '${location}' is not a valid location. Use ListLocations to list valid locations.`;
  throw invalidField("parent", description);
}

/** The parts of a job's name; rejects what is none. */
export function parseJobName(name: string): JobName {
  const [, parent, id] = NAME.exec(name) ?? [];
  if (parent === undefined || id === undefined) {
    const form = '"projects/<PROJECT_ID>/locations/<LOCATION_ID>/jobs/<JOB_ID>"';
    throw invalidField("job.name", `Job name must be formatted: ${form}.`);
  }
  const [, project, , location] = parent.split("/") as [string, string, string, string];
  return { parent, id, project, location };
}

export interface JobName {
  /** projects/P/locations/L */
  readonly parent: string;
  readonly id: string;
  readonly project: string;
  readonly location: string;
}

/** Who Cloud Scheduler is when it calls other services for a project. */
export function serviceAgentOf(project: string): Principal {
  const email = `service-${projectNumberOf(project)}@gcp-sa-cloudscheduler.iam.gserviceaccount.com`;
  return { kind: "serviceAgent", email };
}
