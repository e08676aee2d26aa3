import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { createIamMethods } from "../../../wire/iam/rpcs.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { IamServiceDeps } from "../deps.ts";
import { findAccount } from "../find-account.ts";
import { accountName } from "../service-account.ts";

/** google.iam.admin.v1.IAM.{Get,Set}IamPolicy and TestIamPermissions: who may act as a service account. */
export function accountPolicyRpcs(deps: IamServiceDeps): Rpc[] {
  // The name is resolved before: "projects/-", unique ids and e-mail addresses lead to one policy.
  const methods = createIamMethods({ ...deps, assertExists: () => Promise.resolve() });
  const resolve = async <Request extends { resource: string }>(request: Request) => ({
    ...request,
    resource: accountName(await findAccount(deps, request.resource)),
  });
  return [
    rpc(
      IAM.method.getIamPolicy,
      { permission: "iam.serviceAccounts.getIamPolicy", audit: "ADMIN_READ" },
      async (request) => methods.getIamPolicy(await resolve(request)),
    ),
    rpc(
      IAM.method.setIamPolicy,
      { permission: "iam.serviceAccounts.setIamPolicy", audit: "ADMIN_WRITE" },
      async (request) => methods.setIamPolicy(await resolve(request)),
    ),
    rpc(IAM.method.testIamPermissions, { permission: "none", audit: "none" }, async (request) =>
      methods.testIamPermissions(await resolve(request)),
    ),
  ];
}
