import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { changeAccount } from "../change-account.ts";
import type { IamServiceDeps } from "../deps.ts";

/** google.iam.admin.v1.IAM.EnableServiceAccount: its credentials count again. */
export const enableServiceAccount = (deps: IamServiceDeps) =>
  rpc(
    IAM.method.enableServiceAccount,
    { permission: "iam.serviceAccounts.enable", audit: "ADMIN_WRITE" },
    async ({ name }) => {
      await changeAccount(deps, name, { disabled: false });
      return {};
    },
  );
