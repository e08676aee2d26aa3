import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { IamServiceDeps } from "../deps.ts";
import { invalidRole, roleNotFound } from "./errors.ts";

const CUSTOM = /^projects\/[^/]+\/roles\/[^/]+$/;

/** The row of a custom role; NOT_FOUND. Predefined roles are not changed: INVALID_ARGUMENT. */
export async function findCustomRole(
  { customRoles }: Pick<IamServiceDeps, "customRoles">,
  name: string,
  transaction?: StoreTransaction,
): Promise<ResourceRow> {
  if (!CUSTOM.test(name))
    throw invalidRole("name", `The role name must be in the form "projects/{PROJECT}/roles/{role}".`);
  const row = await customRoles.table.get(name, transaction);
  if (!row) throw roleNotFound(name);
  return row;
}
