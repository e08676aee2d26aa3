import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { IamServiceDeps } from "../deps.ts";
import { findAccount } from "../find-account.ts";
import { accountName } from "../service-account.ts";

/** google.iam.admin.v1.IAM.DeleteServiceAccount: the account, its keys and its policy. */
export const deleteServiceAccount = (deps: IamServiceDeps) =>
  rpc(
    IAM.method.deleteServiceAccount,
    { permission: "iam.serviceAccounts.delete", audit: "ADMIN_WRITE" },
    async ({ name }) => {
      await deps.store.transact(async (transaction) => {
        const account = await findAccount(deps, name, transaction);
        await deps.serviceAccounts.delete(transaction, account);
        await deps.policies.delete(transaction, accountName(account));
      });
      return {};
    },
  );
