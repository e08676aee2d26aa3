import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { changeAccount } from "../change-account.ts";
import type { IamServiceDeps } from "../deps.ts";
import { accountMessage } from "../service-account.ts";

/** google.iam.admin.v1.IAM.UpdateServiceAccount: only the display_name, as Google documents. */
export const updateServiceAccount = (deps: IamServiceDeps) =>
  rpc(
    IAM.method.updateServiceAccount,
    { permission: "iam.serviceAccounts.update", audit: "ADMIN_WRITE" },
    async ({ name, displayName }) => accountMessage(await changeAccount(deps, name, { displayName })),
  );
