import type { StoreTransaction } from "../../platform/store/store.ts";
import type { ServiceAccount, ServiceAccountKey } from "../../wire/credentials/service-accounts/account.ts";
import type { IamServiceDeps } from "./deps.ts";
import { keyNotFound, unknownServiceAccount } from "./errors.ts";
import { parseAccountName } from "./names.ts";

type Deps = Pick<IamServiceDeps, "serviceAccounts">;

/** The account of a resource name, whose project may be "-"; NOT_FOUND when there is none. */
export async function findAccount(
  { serviceAccounts }: Deps,
  name: string,
  transaction?: StoreTransaction,
): Promise<ServiceAccount> {
  const { projectId, account } = parseAccountName(name);
  const found = await serviceAccounts.find(account, transaction);
  if (!found || (projectId !== "-" && projectId !== found.projectId)) throw unknownServiceAccount(name);
  return found;
}

/** A key and its account, by the key's resource name; NOT_FOUND when there is none. */
export async function findKey(
  deps: Deps,
  name: string,
  transaction?: StoreTransaction,
): Promise<{ account: ServiceAccount; key: ServiceAccountKey }> {
  const account = await findAccount(deps, name, transaction);
  const { keyId = "" } = parseAccountName(name);
  const key = await deps.serviceAccounts.keys.find(account.email, keyId, transaction);
  if (!key) throw keyNotFound(name, keyId);
  return { account, key };
}
