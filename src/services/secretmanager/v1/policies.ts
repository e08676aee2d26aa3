import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import { createIamMethods } from "../../../wire/iam/rpcs.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findSecret } from "../find.ts";

/** SecretManagerService.{Get,Set}IamPolicy and TestIamPermissions, of secrets. */
export function policyRpcs(deps: Deps) {
  const assertExists = async (name: string): Promise<void> => void (await findSecret(deps, name));
  const methods = createIamMethods({ ...deps, assertExists });
  return [
    rpc(
      SecretManagerService.method.getIamPolicy,
      { permission: "secretmanager.secrets.getIamPolicy", audit: "ADMIN_READ" },
      methods.getIamPolicy,
    ),
    rpc(
      SecretManagerService.method.setIamPolicy,
      { permission: "secretmanager.secrets.setIamPolicy", audit: "ADMIN_WRITE" },
      methods.setIamPolicy,
    ),
    rpc(
      SecretManagerService.method.testIamPermissions,
      { permission: "none", audit: "none" },
      methods.testIamPermissions,
    ),
  ];
}
