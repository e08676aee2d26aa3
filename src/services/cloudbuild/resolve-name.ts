import type { Projects } from "../../wire/projects/projects.ts";
import type { BuildName } from "./build-name.ts";
import { buildNotFound, invalidBuild } from "./errors.ts";

/** A request that names a build in one of Cloud Build's two ways. */
interface NamesBuild {
  readonly name: string;
  readonly projectId: string;
  readonly id: string;
}

/** The build that a request names, by projects/P/locations/L/builds/ID or, for global builds, by project and id. */
export async function buildNamedBy(request: NamesBuild, projects: Projects): Promise<BuildName> {
  if (request.name === "") {
    return { ...(await locationNamedBy({ parent: "", projectId: request.projectId }, projects)), id: request.id };
  }
  const match = /^projects\/([^/]+)(?:\/locations\/([^/]+))?\/builds\/([^/]+)$/.exec(request.name);
  if (!match) throw buildNotFound(request.name);
  return { project: match[1]!, location: match[2] ?? "global", id: match[3]! };
}

/** The project and location that a request names, by projects/P/locations/L or, for the global location, by project. */
export async function locationNamedBy(
  request: { readonly parent: string; readonly projectId: string },
  projects: Projects,
): Promise<Omit<BuildName, "id">> {
  const match = /^projects\/([^/]+)\/locations\/([^/]+)$/.exec(request.parent);
  if (match) return { project: match[1]!, location: match[2]! };
  if (request.parent !== "") throw invalidBuild("parent", `invalid parent "${request.parent}"`);
  if (request.projectId === "") throw invalidBuild("project_id", "the project must be given");
  const project = projects.idOf(request.projectId);
  if (!/^\d+$/.test(project)) await projects.remember(project);
  return { project, location: "global" };
}
