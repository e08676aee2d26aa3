import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { IamServiceDeps } from "../deps.ts";
import { findAccount } from "../find-account.ts";
import { accountMessage } from "../service-account.ts";

/** google.iam.admin.v1.IAM.GetServiceAccount. */
export const getServiceAccount = (deps: IamServiceDeps) =>
  rpc(IAM.method.getServiceAccount, { permission: "iam.serviceAccounts.get", audit: "ADMIN_READ" }, async ({ name }) =>
    accountMessage(await findAccount(deps, name)),
  );
