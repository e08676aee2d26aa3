import { Services } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { createIamMethods } from "../../../wire/iam/rpcs.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { RunContext } from "../context.ts";
import { serviceNotFound } from "../services/errors.ts";

/** run.v2.Services.GetIamPolicy, SetIamPolicy and TestIamPermissions. */
export function iamRpcs(context: RunContext): Rpc[] {
  const methods = createIamMethods({
    ...context,
    async assertExists(name) {
      if (!(await context.rows.getService(name))) throw serviceNotFound(name);
    },
  });
  return [
    rpc(
      Services.method.getIamPolicy,
      { permission: "run.services.getIamPolicy", audit: "ADMIN_READ" },
      methods.getIamPolicy,
    ),
    rpc(
      Services.method.setIamPolicy,
      { permission: "run.services.setIamPolicy", audit: "ADMIN_WRITE" },
      methods.setIamPolicy,
    ),
    // gcloud asks before it creates a service, and Google then answers what the project grants: here, everything.
    rpc(Services.method.testIamPermissions, { permission: "none", audit: "none" }, async ({ permissions }) => ({
      permissions,
    })),
  ];
}
