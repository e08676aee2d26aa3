import type { ServiceAccount } from "../../wire/credentials/service-accounts/account.ts";
import type { IamCredentialsDeps } from "./deps.ts";
import { accountDisabled, accountNotFound, malformedName } from "./errors.ts";

/** The service account of a request, which exists and is enabled, as every delegate on the way to it is. */
export async function findSigner(
  { serviceAccounts }: Pick<IamCredentialsDeps, "serviceAccounts">,
  { name, delegates }: { readonly name: string; readonly delegates: readonly string[] },
): Promise<ServiceAccount> {
  const find = async (field: "name" | "delegates", each: string) => {
    const emailOrUniqueId = /^projects\/-\/serviceAccounts\/([^/]+)$/.exec(each)?.[1];
    if (emailOrUniqueId === undefined) throw malformedName(field, each);
    const account = await serviceAccounts.find(emailOrUniqueId);
    if (!account) throw accountNotFound(each, emailOrUniqueId);
    if (account.disabled) throw accountDisabled(account.email);
    return account;
  };
  for (const delegate of delegates) await find("delegates", delegate);
  return find("name", name);
}
