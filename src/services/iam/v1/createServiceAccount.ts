import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { subjectOf } from "../../../wire/credentials/local-tokens.ts";
import type { ServiceAccount } from "../../../wire/credentials/service-accounts/account.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { IamServiceDeps } from "../deps.ts";
import { accountExists, tooManyAccounts } from "../errors.ts";
import { MAX_SERVICE_ACCOUNTS_PER_PROJECT } from "../limits.ts";
import { emailOf, parseProject } from "../names.ts";
import { accountMessage, accountName } from "../service-account.ts";
import { checkAccountId, checkTexts } from "../validate.ts";

/** google.iam.admin.v1.IAM.CreateServiceAccount. */
export const createServiceAccount = ({ store, serviceAccounts }: IamServiceDeps) =>
  rpc(
    IAM.method.createServiceAccount,
    { permission: "iam.serviceAccounts.create", audit: "ADMIN_WRITE" },
    async ({ name, accountId, serviceAccount }) => {
      const projectId = parseProject(name);
      checkAccountId(accountId);
      const account = newAccount(accountId, projectId, serviceAccount);
      checkTexts(account);
      const saved = await store.transact(async (transaction) => {
        if (await serviceAccounts.find(account.email, transaction))
          throw accountExists(accountName(account), accountId, projectId);
        const created = (await serviceAccounts.list(projectId, transaction)).filter(isCreated);
        if (created.length >= MAX_SERVICE_ACCOUNTS_PER_PROJECT) throw tooManyAccounts();
        return serviceAccounts.save(transaction, account);
      });
      return accountMessage(saved);
    },
  );

function newAccount(
  accountId: string,
  projectId: string,
  { displayName, description }: Pick<ServiceAccount, "displayName" | "description"> = {
    displayName: "",
    description: "",
  },
): ServiceAccount {
  const email = emailOf(accountId, projectId);
  return { email, uniqueId: subjectOf(email), projectId, displayName, description, disabled: false, version: 0 };
}

/** Default accounts do not count. */
function isCreated({ email }: ServiceAccount): boolean {
  return email.endsWith(".iam.gserviceaccount.com");
}
