import { Projects } from "../../gen/google/cloud/resourcemanager/v3/projects_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import type { ProjectDeps } from "./projects.ts";
import { projectsV1 } from "./v1/surface.ts";
import { projectRpcs } from "./v3/projects.ts";

/** cloudresourcemanager.googleapis.com: projects, which exist as soon as they are named. */
export function cloudresourcemanager(deps: ProjectDeps): ServiceModule {
  return {
    name: "cloudresourcemanager",
    services: [Projects],
    rpcs: projectRpcs(deps),
    surfaces: [projectsV1(deps)],
  };
}
