import { create } from "@bufbuild/protobuf";
import { type FieldMask, FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { IAM, type Role, RoleSchema } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { applyFieldMask, populatedFields } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { IamServiceDeps } from "../deps.ts";
import { changeRole } from "../roles/change-role.ts";
import { invalidRole, roleState } from "../roles/errors.ts";
import { validateRole } from "../roles/validate.ts";

/** IAM.UpdateRole: the fields of the mask, or those that are given. */
export const updateRole = (deps: IamServiceDeps) =>
  rpc(
    IAM.method.updateRole,
    { permission: "iam.roles.update", audit: "ADMIN_WRITE" },
    async ({ name, role: given, updateMask }) => {
      const patch = given ?? create(RoleSchema);
      return changeRole(deps, { name, etag: patch.etag }, (role) => {
        if (role.deleted) throw roleState(name, "deleted");
        const changed = applyFieldMask(RoleSchema, role, patch, maskOf(patch, updateMask));
        validateRole(changed);
        return changed;
      });
    },
  );

function maskOf(patch: Role, given: FieldMask | undefined): FieldMask {
  const all = given && given.paths.length > 0 ? given.paths : populatedFields(RoleSchema, patch);
  const paths = all.filter((path) => !["name", "etag", "deleted"].includes(path));
  if (paths.includes("*")) throw invalidRole("update_mask", "The update mask must name the fields to be changed.");
  return create(FieldMaskSchema, { paths });
}
