import { alreadyExists, type ApiError, notFound } from "../../../wire/errors.ts";
import type { Projects } from "../../../wire/projects/projects.ts";
import { invalidTrigger } from "./errors.ts";
import type { TriggerTable } from "./store.ts";
import { locationNamedBy } from "../resolve-name.ts";

/** A request that names a trigger in one of Cloud Build's two ways, each by id or by the user's name for it. */
interface NamesTrigger {
  readonly name: string;
  readonly projectId: string;
  readonly triggerId: string;
}

const RESOURCE_NAME = /^projects\/([^/]+)(?:\/locations\/([^/]+))?\/triggers\/([^/]+)$/;

/** projects/P/locations/L/triggers/ID with the project's id: BuildTrigger.resource_name and the key of the row. */
export function formatTriggerName(parent: { project: string; location: string }, id: string): string {
  return `projects/${parent.project}/locations/${parent.location}/triggers/${id}`;
}

/** The parts of a trigger's resource name. */
export function parseTriggerName(name: string): { project: string; location: string; id: string } {
  const [, project = "", location = "global", id = ""] = RESOURCE_NAME.exec(name) ?? [];
  return { project, location, id };
}

/** The key of the trigger that a request names; rejects with NOT_FOUND when there is none. */
export async function triggerKeyOf(
  request: NamesTrigger,
  { triggers, projects }: { triggers: TriggerTable; projects: Projects },
): Promise<string> {
  const match = RESOURCE_NAME.exec(request.name);
  if (request.name !== "" && !match) throw triggerNotFound(request.name);
  const parent = match
    ? { project: projects.idOf(match[1]!), location: match[2] ?? "global" }
    : await locationNamedBy({ parent: "", projectId: request.projectId }, projects);
  const idOrName = match?.[3] ?? request.triggerId;
  if (idOrName === "") throw invalidTrigger("trigger_id", "the trigger must be given");
  const key = formatTriggerName(parent, idOrName);
  if (await triggers.get(key)) return key;
  const named = await triggers.keyOfName(key.slice(0, key.lastIndexOf("/triggers/")), idOrName);
  if (named === undefined) throw triggerNotFound(key);
  return named;
}

/** NOT_FOUND in Cloud Build's words. */
export function triggerNotFound(name: string): ApiError {
  return notFound(name, "Requested entity was not found.");
}

/** ALREADY_EXISTS: names are unique within a project's location. */
export function triggerNameTaken(parent: string, name: string): ApiError {
  return alreadyExists(`${parent}/triggers/${name}`, `trigger name "${name}" is already in use`);
}
