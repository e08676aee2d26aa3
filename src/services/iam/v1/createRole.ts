import { create } from "@bufbuild/protobuf";
import { IAM, type Role, RoleSchema } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { DuplicateResourceError } from "../../../platform/store/resource-table.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { IamServiceDeps } from "../deps.ts";
import { roleExists } from "../roles/errors.ts";
import { customRole, newRoleRow } from "../roles/role.ts";
import { newRoleName, validateRole } from "../roles/validate.ts";

/** IAM.CreateRole: a custom role of a project. */
export const createRole = (deps: IamServiceDeps) =>
  rpc(
    IAM.method.createRole,
    { permission: "iam.roles.create", audit: "ADMIN_WRITE" },
    async ({ parent, roleId, role: given }) => {
      const name = newRoleName(parent, roleId);
      const role: Role = { ...(given ?? create(RoleSchema)), deleted: false };
      validateRole(role);
      const row = newRoleRow(role, name, deps.ids.uuid(), deps.clock.nowMs());
      try {
        await deps.store.transact(async (transaction) => {
          await deps.customRoles.table.insert(transaction, row);
          transaction.afterCommit(() => deps.customRoles.forget(name));
        });
      } catch (error) {
        if (error instanceof DuplicateResourceError) throw roleExists(name);
        throw error;
      }
      return customRole(row);
    },
  );
