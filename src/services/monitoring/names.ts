import { invalidArgument } from "../../wire/errors.ts";
import type { Projects } from "../../wire/projects/projects.ts";

/** The id of the project that projects/P names; organizations and folders have no metrics here. */
export function projectOf(name: string, projects: Pick<Projects, "idOf">): string {
  const project = /^projects\/([^/]+)$/.exec(name)?.[1];
  if (project) return projects.idOf(project);
  const description = `Name '${name}' must be projects/PROJECT_ID; metrics scopes of organizations and folders are not supported by homerun.`;
  throw invalidArgument(description, [{ field: "name", description }]);
}

/** Project and type of projects/P/metricDescriptors/TYPE (or another collection); a type may hold slashes. */
export function parseDescriptorName(
  name: string,
  collection: "metricDescriptors" | "monitoredResourceDescriptors",
  projects: Pick<Projects, "idOf">,
): { readonly project: string; readonly type: string } {
  const match = new RegExp(`^projects/([^/]+)/${collection}/(.+)$`).exec(name);
  if (match) return { project: projects.idOf(match[1]!), type: match[2]! };
  const description = `Name '${name}' must be projects/PROJECT_ID/${collection}/TYPE.`;
  throw invalidArgument(description, [{ field: "name", description }]);
}
