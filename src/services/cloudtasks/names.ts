import type { Principal } from "../../wire/credentials/principal.ts";
import { LOCATIONS } from "../../wire/locations.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { invalidField } from "./errors.ts";

const PARENT = /^projects\/[^/]+\/locations\/([^/]+)$/;
const QUEUE = /^(projects\/[^/]+\/locations\/[^/]+)\/queues\/([A-Za-z0-9-]{1,100})$/;
const TASK_ID = /^[A-Za-z0-9_-]{1,500}$/;

/** The parts of a queue's name. */
export interface QueueName {
  /** projects/P/locations/L */
  readonly parent: string;
  readonly id: string;
  readonly project: string;
  readonly location: string;
}

/** Rejects what is no location of a project, or none that there is; "-" means all when `wildcard` says so. */
export function checkParent(parent: string, wildcard = false): void {
  const location = PARENT.exec(parent)?.[1];
  if (location === undefined)
    throw invalidField("parent", 'Location name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>".');
  if (location in LOCATIONS || (wildcard && location === "-")) return;
  const description = `Location '${location}' is not a valid location. Use ListLocations to list valid locations.`;
  throw invalidField("parent", description);
}

/** The parts of a queue's name; rejects what is none. */
export function parseQueueName(name: string, field = "name"): QueueName {
  const [, parent, id] = QUEUE.exec(name) ?? [];
  if (parent === undefined || id === undefined) {
    const form = '"projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/<QUEUE_ID>"';
    throw invalidField(field, `Queue name must be formatted: ${form}.`);
  }
  const [, project, , location] = parent.split("/") as [string, string, string, string];
  return { parent, id, project, location };
}

/** A queue's name and the id of a task; rejects what is no task's name. */
export function parseTaskName(name: string, field = "name"): { readonly queue: string; readonly id: string } {
  const [queue = "", id = "", ...rest] = name.split("/tasks/");
  if (!QUEUE.test(queue) || !TASK_ID.test(id) || rest.length > 0) {
    const form = '"projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/<QUEUE_ID>/tasks/<TASK_ID>"';
    throw invalidField(field, `Task name must be formatted: ${form}.`);
  }
  return { queue, id };
}

/** Who Cloud Tasks is when it calls other services for a project. */
export function serviceAgentOf(project: string): Principal {
  const email = `service-${projectNumberOf(project)}@gcp-sa-cloudtasks.iam.gserviceaccount.com`;
  return { kind: "serviceAgent", email };
}
