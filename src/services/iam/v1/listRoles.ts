import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { predefinedRoles } from "../../../wire/iam/roles/predefined-roles.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { IamServiceDeps } from "../deps.ts";
import { invalidRole } from "../roles/errors.ts";
import { customRole, predefinedRole, roleView } from "../roles/role.ts";

const [DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE] = [300, 1000];

/** IAM.ListRoles: the predefined ones, or the custom ones of a project. */
export const listRoles = (deps: IamServiceDeps) =>
  rpc(
    IAM.method.listRoles,
    { permission: "iam.roles.list", audit: "ADMIN_READ" },
    async ({ parent, pageSize, pageToken, view, showDeleted }) => {
      const scope = `roles/${parent}/${showDeleted}`;
      const after = decodePageToken(pageToken, scope)?.after ?? "";
      const size = pageSizeOf(pageSize, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
      const roles = (await rolesOf(deps, parent)).filter(({ deleted }) => showDeleted || !deleted);
      const rest = roles.filter(({ name }) => name > after);
      const { page, nextPageToken } = pageOf(rest, size, ({ name }) => name, scope);
      return { roles: page.map((role) => roleView(role, view)), nextPageToken };
    },
  );

async function rolesOf({ customRoles }: IamServiceDeps, parent: string) {
  if (parent === "") return [...predefinedRoles().values()].map(predefinedRole);
  if (!/^projects\/[^/]+$/.test(parent)) throw invalidRole("parent", `The parent ${parent} is not a project.`);
  return (await customRoles.table.list({ parent, limit: Number.MAX_SAFE_INTEGER })).map(customRole);
}
