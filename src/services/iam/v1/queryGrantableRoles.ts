import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { predefinedRoles } from "../../../wire/iam/roles/predefined-roles.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { IamServiceDeps } from "../deps.ts";
import { parseFullName } from "../roles/full-name.ts";
import { customRole, predefinedRole, roleView } from "../roles/role.ts";

const [DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE] = [300, 1000];

/** IAM.QueryGrantableRoles: on a project all roles, elsewhere those with a permission of the resource's service. */
export const queryGrantableRoles = (deps: IamServiceDeps) =>
  rpc(
    IAM.method.queryGrantableRoles,
    { permission: "none", audit: "ADMIN_READ" },
    async ({ fullResourceName, view, pageSize, pageToken }) => {
      const { service, project, isProject } = parseFullName(fullResourceName);
      const scope = `grantable/${fullResourceName}`;
      const after = decodePageToken(pageToken, scope)?.after ?? "";
      const size = pageSizeOf(pageSize, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
      const custom = project
        ? await deps.customRoles.table.list({ parent: `projects/${project}`, limit: Number.MAX_SAFE_INTEGER })
        : [];
      const own = custom.map(customRole).filter(({ deleted }) => !deleted);
      const roles = [...own, ...[...predefinedRoles().values()].map(predefinedRole)].filter(
        ({ name, includedPermissions }) =>
          name > after && (isProject || includedPermissions.some((permission) => permission.startsWith(`${service}.`))),
      );
      const { page, nextPageToken } = pageOf(roles, size, ({ name }) => name, scope);
      return { roles: page.map((role) => roleView(role, view)), nextPageToken };
    },
  );
