import type { StoreTransaction } from "../../platform/store/store.ts";
import type { ServiceAccountKeys } from "../../wire/credentials/service-accounts/keys.ts";
import type { IamServiceDeps } from "./deps.ts";
import { systemManagedKey } from "./errors.ts";
import { findKey } from "./find-account.ts";

/** Changes the user-managed key of a resource name; NOT_FOUND when there is none. */
export function changeKey(
  deps: IamServiceDeps,
  name: string,
  change: (keys: ServiceAccountKeys, transaction: StoreTransaction, keyId: string) => Promise<void>,
): Promise<void> {
  return deps.store.transact(async (transaction) => {
    const { key } = await findKey(deps, name, transaction);
    if (key.type === "SYSTEM_MANAGED") throw systemManagedKey(key.id);
    await change(deps.serviceAccounts.keys, transaction, key.id);
  });
}
