import { Projects } from "../../../gen/google/cloud/resourcemanager/v3/projects_pb.js";
import { invalidArgument, unsupportedField } from "../../../wire/errors.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import { projectMessage } from "../project.ts";
import { findProject, type ProjectDeps, readProjectPolicy, writeProjectPolicy } from "../projects.ts";

/** google.cloud.resourcemanager.v3.Projects, the part that reads projects and their policies. */
export function projectRpcs(deps: ProjectDeps): Rpc[] {
  const find = (name: string) => findProject(deps, name.replace(/^projects\//, ""));
  const page = ({ pageSize, pageToken }: { pageSize: number; pageToken: string }) => {
    const after = decodePageToken(pageToken, "projects")?.after ?? "";
    const size = pageSizeOf(pageSize, 300, 300);
    const rest = deps.projects.list().filter(({ id }) => id > after);
    const { page: projects, nextPageToken } = pageOf(rest, size, ({ id }) => id, "projects");
    return { projects: projects.map(projectMessage), nextPageToken };
  };
  const method = Projects.method;
  const get = { permission: "resourcemanager.projects.get", audit: "ADMIN_READ" } as const;
  return [
    rpc(method.getProject, get, async ({ name }) => projectMessage(await find(name))),
    rpc(method.listProjects, { ...get, permission: "resourcemanager.projects.list" }, async (request) => {
      // Folders and organizations do not exist here, so nothing stands below one.
      if (request.parent) throw unsupportedField("parent");
      return page(request);
    }),
    rpc(method.searchProjects, get, async (request) => {
      if (request.query) throw unsupportedField("query");
      return page(request);
    }),
    rpc(
      method.getIamPolicy,
      { permission: "resourcemanager.projects.getIamPolicy", audit: "ADMIN_READ" },
      async ({ resource }) => readProjectPolicy(deps, await find(resource)),
    ),
    rpc(
      method.setIamPolicy,
      { permission: "resourcemanager.projects.setIamPolicy", audit: "ADMIN_WRITE" },
      async ({ resource, policy, updateMask }) => {
        if (!policy) throw invalidArgument("The policy is required.", [{ field: "policy", description: "Required." }]);
        return writeProjectPolicy(deps, await find(resource), policy, updateMask?.paths);
      },
    ),
    rpc(
      method.testIamPermissions,
      { permission: "resourcemanager.projects.get", audit: "none" },
      async ({ resource, permissions }) => {
        await find(resource);
        return { permissions };
      },
    ),
  ];
}
