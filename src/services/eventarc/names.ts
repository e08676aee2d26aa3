import type { Principal } from "../../wire/credentials/principal.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { invalidRequest } from "./errors.ts";

/** What Eventarc keeps below a location. */
export type Collection =
  | "triggers"
  | "channels"
  | "channelConnections"
  | "providers"
  | "messageBuses"
  | "enrollments"
  | "pipelines";

/** The parts of projects/P/locations/L. */
export interface LocationName {
  readonly project: string;
  readonly location: string;
}

/** The parts of projects/P/locations/L/COLLECTION/ID. */
export interface ResourceName extends LocationName {
  readonly id: string;
}

/** Google: eventarc.proto, the format of ids. */
const RESOURCE_ID = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Reads projects/P/locations/L; INVALID_ARGUMENT for anything else. */
export function parseLocationName(name: string): LocationName {
  const match = /^projects\/([^/]+)\/locations\/([^/]+)$/.exec(name);
  if (!match) throw invalidRequest("parent", `invalid resource name "${name}"`);
  return { project: match[1]!, location: match[2]! };
}

/** Reads projects/P/locations/L/COLLECTION/ID; INVALID_ARGUMENT for anything else. */
export function parseResourceName(name: string, collection: Collection, field = "name"): ResourceName {
  const match = new RegExp(`^projects/([^/]+)/locations/([^/]+)/${collection}/([^/]+)$`).exec(name);
  if (!match) throw invalidRequest(field, `invalid resource name "${name}"`);
  return { project: match[1]!, location: match[2]!, id: match[3]! };
}

/** Rejects an id that is out of form. */
export function checkId(id: string, field: string): void {
  if (!RESOURCE_ID.test(id))
    throw invalidRequest(field, `invalid value for ${field}: "${id}" does not match the pattern ${RESOURCE_ID.source}`);
}

/** projects/P/locations/L of a resource name. */
export function parentOf(name: string): string {
  return name.split("/").slice(0, 4).join("/");
}

/** The Eventarc service agent of a project, which calls the other services. */
export function agentOf(project: string): Principal {
  const email = `service-${projectNumberOf(project)}@gcp-sa-eventarc.iam.gserviceaccount.com`;
  return { kind: "serviceAgent", email };
}

/** Whether a caller is the Cloud Functions service agent of a project. */
export function isFunctionsAgent(principal: Principal): boolean {
  return principal.kind === "serviceAgent" && principal.email.endsWith("@gcf-admin-robot.iam.gserviceaccount.com");
}
