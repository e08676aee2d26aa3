import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { changeAccount } from "../change-account.ts";
import type { IamServiceDeps } from "../deps.ts";

/** google.iam.admin.v1.IAM.DisableServiceAccount: its credentials do not count any more. */
export const disableServiceAccount = (deps: IamServiceDeps) =>
  rpc(
    IAM.method.disableServiceAccount,
    { permission: "iam.serviceAccounts.disable", audit: "ADMIN_WRITE" },
    async ({ name }) => {
      await changeAccount(deps, name, { disabled: true });
      return {};
    },
  );
