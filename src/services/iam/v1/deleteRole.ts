import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { IamServiceDeps } from "../deps.ts";
import { changeRole } from "../roles/change-role.ts";
import { roleState } from "../roles/errors.ts";
import { GONE_MS, ROLE_KIND } from "../roles/reap-role.ts";

/** IAM.DeleteRole: the role grants nothing from now on; it can be undeleted for 7 days. */
export const deleteRole = (deps: IamServiceDeps) =>
  rpc(IAM.method.deleteRole, { permission: "iam.roles.delete", audit: "ADMIN_WRITE" }, ({ name, etag }) =>
    changeRole(deps, { name, etag }, async (role, transaction) => {
      if (role.deleted) throw roleState(name, "deleted");
      await deps.wakeups.wake(transaction, ROLE_KIND, name, deps.clock.nowMs() + GONE_MS);
      return { ...role, deleted: true };
    }),
  );
