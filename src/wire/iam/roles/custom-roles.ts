import { fromJsonString } from "@bufbuild/protobuf";
import { Role_RoleLaunchStage as Stage, RoleSchema } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { createResourceTable, resourceTableMigration } from "../../../platform/store/create-resource-table.ts";
import type { ResourceTable } from "../../../platform/store/resource-table.ts";
import type { Migration, Store } from "../../../platform/store/store.ts";

const TABLE = "iam_custom_roles";
/** How long a role may be remembered that another process may change. */
const RECENT_MS = 1_000;
/** Roles remembered at the same time. */
const MAX_RECENT = 10_000;

/** The table of custom roles of projects. */
export const customRoleMigrations: readonly Migration[] = [resourceTableMigration("001-custom-roles", TABLE)];

/** Custom roles: rows whose messages are Roles of the IAM API, by "projects/P/roles/R". */
export interface CustomRoles {
  readonly table: ResourceTable;
  /** What a role grants, at most a second old; undefined when there is none, it is deleted, or disabled. */
  permissionsOf(name: string, nowMs: number): Promise<ReadonlySet<string> | undefined>;
  /** Tells that a role was changed by this process. */
  forget(name: string): void;
}

type Permissions = ReadonlySet<string> | undefined;

/** Custom roles over the store. */
export function createCustomRoles(store: Store): CustomRoles {
  const table = createResourceTable(store, TABLE);
  const known = new Map<string, { readonly untilMs: number; readonly permissions: Promise<Permissions> }>();
  return {
    table,
    permissionsOf(name, nowMs) {
      const remembered = known.get(name);
      if (remembered !== undefined && nowMs < remembered.untilMs) return remembered.permissions;
      const permissions = read(table, name);
      if (known.size >= MAX_RECENT) known.clear();
      known.set(name, { untilMs: nowMs + RECENT_MS, permissions });
      permissions.catch(() => known.delete(name));
      return permissions;
    },
    forget: (name) => void known.delete(name),
  };
}

async function read(table: ResourceTable, name: string): Promise<Permissions> {
  const row = await table.get(name);
  if (!row) return undefined;
  const role = fromJsonString(RoleSchema, row.message);
  return role.deleted || role.stage === Stage.DISABLED ? undefined : new Set(role.includedPermissions);
}
