import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { predefinedRoles } from "../../../wire/iam/roles/predefined-roles.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { IamServiceDeps } from "../deps.ts";
import { roleNotFound } from "../roles/errors.ts";
import { findCustomRole } from "../roles/find-role.ts";
import { customRole, predefinedRole } from "../roles/role.ts";

/** IAM.GetRole, with its permissions; a deleted custom role says so. */
export const getRole = (deps: IamServiceDeps) =>
  rpc(IAM.method.getRole, { permission: "iam.roles.get", audit: "ADMIN_READ" }, async ({ name }) => {
    if (!name.startsWith("roles/")) return customRole(await findCustomRole(deps, name));
    const role = predefinedRoles().get(name);
    if (!role) throw roleNotFound(name);
    return predefinedRole(role);
  });
