import type { Role } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { knownPermissions } from "../../../wire/iam/roles/predefined-roles.ts";
import { invalidRole } from "./errors.ts";

/** Google: cloud.google.com/iam/docs/creating-custom-roles. */
const ROLE_ID = /^[a-zA-Z0-9_.]{3,64}$/;
const MAX_TITLE_BYTES = 100;
const MAX_DESCRIPTION_BYTES = 300;
const MAX_PERMISSIONS = 3000;

/** The name of a new custom role; rejects parents and ids out of form. */
export function newRoleName(parent: string, roleId: string): string {
  if (!/^projects\/[^/]+$/.test(parent))
    throw invalidRole("parent", `The parent ${parent} is not a project; custom roles belong to projects here.`);
  if (!ROLE_ID.test(roleId))
    throw invalidRole(
      "role_id",
      `The role_id ${roleId} is invalid: 3 to 64 letters, digits, underscores and periods are allowed.`,
    );
  return `${parent}/roles/${roleId}`;
}

/** Rejects a role that IAM refuses, permissions that no service here knows among them. */
export function validateRole({ title, description, includedPermissions }: Role): void {
  if (Buffer.byteLength(title) > MAX_TITLE_BYTES)
    throw invalidRole("role.title", `The title has more than ${MAX_TITLE_BYTES} bytes.`);
  if (Buffer.byteLength(description) > MAX_DESCRIPTION_BYTES)
    throw invalidRole("role.description", `The description has more than ${MAX_DESCRIPTION_BYTES} bytes.`);
  if (includedPermissions.length > MAX_PERMISSIONS)
    throw invalidRole("role.included_permissions", `A role has at most ${MAX_PERMISSIONS} permissions.`);
  const unknown = includedPermissions.find((permission) => !knownPermissions().has(permission));
  if (unknown !== undefined) throw invalidRole("role.included_permissions", `Permission ${unknown} is not valid.`);
}
