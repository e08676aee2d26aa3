import type { Reconcile } from "../../../platform/wakeups/wakeups.ts";
import type { IamServiceDeps } from "../deps.ts";
import { customRole } from "./role.ts";

export const ROLE_KIND = "iam.role";
const DAY_MS = 24 * 3600 * 1000;
/** How long a deleted role can be undeleted. Google: iam.proto, DeleteRole. */
export const UNDELETABLE_MS = 7 * DAY_MS;
/** How long after its deletion the id of a role is taken. Google: 7 days, and 30 more until it is gone. */
export const GONE_MS = 37 * DAY_MS;

/** Forgets roles that were deleted long enough ago. */
export function reapRole({ store, clock, customRoles }: IamServiceDeps): Reconcile {
  return (name) =>
    store.transact(async (transaction) => {
      const row = await customRoles.table.get(name, transaction);
      if (!row || !customRole(row).deleted) return { settled: true };
      const leftMs = row.updateTimeMs + GONE_MS - clock.nowMs();
      if (leftMs > 0) return { settled: false, retryInMs: leftMs };
      await customRoles.table.delete(transaction, name);
      return { settled: true };
    });
}
