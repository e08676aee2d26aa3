import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import {
  type Role,
  Role_RoleLaunchStage as Stage,
  RoleSchema,
  RoleView,
} from "../../../gen/google/iam/admin/v1/iam_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { RoleDefinition } from "../../../wire/iam/roles/predefined-roles.ts";

/** A predefined role as the API answers it. */
export function predefinedRole({ name, title, description, stage, permissions }: RoleDefinition): Role {
  const known = Stage[stage as keyof typeof Stage] ?? Stage.GA;
  const includedPermissions = [...permissions].toSorted();
  return create(RoleSchema, { name, title, description, stage: known, includedPermissions, etag: PREDEFINED_ETAG });
}

/** A custom role as the API answers it. */
export function customRole(row: ResourceRow): Role {
  return { ...fromJsonString(RoleSchema, row.message), name: row.name, etag: etagOfVersion(row.version) };
}

/** The row of a new custom role. */
export function newRoleRow(role: Role, name: string, uid: string, nowMs: number): ResourceRow {
  const times = { createTimeMs: nowMs, updateTimeMs: nowMs };
  const parent = name.split("/").slice(0, -2).join("/");
  return { name, parent, uid, generation: 1, version: 1, message: stored(role), unfinished: false, ...times };
}

/** The row with another content. */
export function changedRoleRow(row: ResourceRow, role: Role, nowMs: number): ResourceRow {
  return { ...row, generation: row.generation + 1, message: stored(role), updateTimeMs: nowMs };
}

/** What a view shows of a role. */
export function roleView(role: Role, view: RoleView): Role {
  return view === RoleView.FULL ? role : { ...role, includedPermissions: [] };
}

const PREDEFINED_ETAG = Buffer.from("AA==", "base64");

function stored(role: Role): string {
  return toJsonString(RoleSchema, { ...role, name: "", etag: new Uint8Array() });
}

function etagOfVersion(version: number): Buffer {
  const etag = Buffer.alloc(8);
  etag.writeBigUInt64BE(BigInt(version));
  return etag;
}
