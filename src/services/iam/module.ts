import { IAM } from "../../gen/google/iam/admin/v1/iam_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import type { IamServiceDeps } from "./deps.ts";
import { createServiceAccount } from "./v1/createServiceAccount.ts";
import { createServiceAccountKey } from "./v1/createServiceAccountKey.ts";
import { deleteServiceAccount } from "./v1/deleteServiceAccount.ts";
import { deleteServiceAccountKey } from "./v1/deleteServiceAccountKey.ts";
import { disableServiceAccount } from "./v1/disableServiceAccount.ts";
import { disableServiceAccountKey } from "./v1/disableServiceAccountKey.ts";
import { enableServiceAccount } from "./v1/enableServiceAccount.ts";
import { enableServiceAccountKey } from "./v1/enableServiceAccountKey.ts";
import { getServiceAccount } from "./v1/getServiceAccount.ts";
import { getServiceAccountKey } from "./v1/getServiceAccountKey.ts";
import { listServiceAccountKeys } from "./v1/listServiceAccountKeys.ts";
import { listServiceAccounts } from "./v1/listServiceAccounts.ts";
import { patchServiceAccount } from "./v1/patchServiceAccount.ts";
import { createRole } from "./v1/createRole.ts";
import { deleteRole } from "./v1/deleteRole.ts";
import { getRole } from "./v1/getRole.ts";
import { lintPolicy } from "./v1/lintPolicy.ts";
import { listRoles } from "./v1/listRoles.ts";
import { queryGrantableRoles } from "./v1/queryGrantableRoles.ts";
import { queryTestablePermissions } from "./v1/queryTestablePermissions.ts";
import { undeleteRole } from "./v1/undeleteRole.ts";
import { updateRole } from "./v1/updateRole.ts";
import { reapRole, ROLE_KIND } from "./roles/reap-role.ts";
import { accountPolicyRpcs } from "./v1/policies.ts";
import { updateServiceAccount } from "./v1/updateServiceAccount.ts";

/** iam.googleapis.com: service accounts with keys and policies, and roles. Their rows are the wire floor's, which needs them to tell callers. */
export function iam(deps: IamServiceDeps): ServiceModule {
  return {
    name: "iam",
    services: [IAM],
    rpcs: [
      createServiceAccount(deps),
      getServiceAccount(deps),
      listServiceAccounts(deps),
      patchServiceAccount(deps),
      updateServiceAccount(deps),
      deleteServiceAccount(deps),
      enableServiceAccount(deps),
      disableServiceAccount(deps),
      createServiceAccountKey(deps),
      getServiceAccountKey(deps),
      listServiceAccountKeys(deps),
      deleteServiceAccountKey(deps),
      enableServiceAccountKey(deps),
      disableServiceAccountKey(deps),
      ...accountPolicyRpcs(deps),
      createRole(deps),
      deleteRole(deps),
      getRole(deps),
      lintPolicy(),
      listRoles(deps),
      queryGrantableRoles(deps),
      queryTestablePermissions(),
      undeleteRole(deps),
      updateRole(deps),
    ],
    reconcilers: { [ROLE_KIND]: reapRole(deps) },
  };
}
