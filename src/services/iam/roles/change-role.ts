import type { Role } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { IamServiceDeps } from "../deps.ts";
import { staleRole } from "./errors.ts";
import { findCustomRole } from "./find-role.ts";
import { changedRoleRow, customRole } from "./role.ts";

/** Changes a custom role in one transaction; ABORTED when `etag` is given and is not the current one. */
export function changeRole(
  deps: IamServiceDeps,
  { name, etag }: { readonly name: string; readonly etag: Uint8Array },
  edit: (role: Role, transaction: StoreTransaction, row: ResourceRow) => Promise<Role> | Role,
): Promise<Role> {
  return deps.store.transact(async (transaction) => {
    const row = await findCustomRole(deps, name, transaction);
    const role = customRole(row);
    if (etag.length > 0 && !Buffer.from(etag).equals(role.etag)) throw staleRole();
    const changed = changedRoleRow(row, await edit(role, transaction, row), deps.clock.nowMs());
    const updated = await deps.customRoles.table.update(transaction, changed);
    transaction.afterCommit(() => deps.customRoles.forget(name));
    return customRole(updated);
  });
}
