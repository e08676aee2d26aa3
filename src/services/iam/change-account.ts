import type { ServiceAccount } from "../../wire/credentials/service-accounts/account.ts";
import type { IamServiceDeps } from "./deps.ts";
import { findAccount } from "./find-account.ts";
import { checkTexts } from "./validate.ts";

/** What clients may change of a service account. */
export type Change = Partial<Pick<ServiceAccount, "displayName" | "description" | "disabled">>;

/** Changes the account of a resource name; NOT_FOUND when there is none. */
export function changeAccount(deps: IamServiceDeps, name: string, change: Change): Promise<ServiceAccount> {
  return deps.store.transact(async (transaction) => {
    const account = { ...(await findAccount(deps, name, transaction)), ...change };
    checkTexts(account);
    return deps.serviceAccounts.save(transaction, account);
  });
}
