import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import { createIamMethods } from "../../../wire/iam/rpcs.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findQueue } from "../queues/find-queue.ts";

/** CloudTasks.{Get,Set}IamPolicy and TestIamPermissions, of queues. */
export function policyRpcs(deps: Deps) {
  const assertExists = async (name: string): Promise<void> => void (await findQueue(deps, name));
  const methods = createIamMethods({ ...deps, assertExists });
  return [
    rpc(
      CloudTasks.method.getIamPolicy,
      { permission: "cloudtasks.queues.getIamPolicy", audit: "ADMIN_READ" },
      methods.getIamPolicy,
    ),
    rpc(
      CloudTasks.method.setIamPolicy,
      { permission: "cloudtasks.queues.setIamPolicy", audit: "ADMIN_WRITE" },
      methods.setIamPolicy,
    ),
    rpc(CloudTasks.method.testIamPermissions, { permission: "none", audit: "none" }, methods.testIamPermissions),
  ];
}
