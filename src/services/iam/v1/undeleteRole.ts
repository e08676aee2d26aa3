import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { IamServiceDeps } from "../deps.ts";
import { changeRole } from "../roles/change-role.ts";
import { roleNotFound, roleState } from "../roles/errors.ts";
import { UNDELETABLE_MS } from "../roles/reap-role.ts";

/** IAM.UndeleteRole, for 7 days after its deletion. */
export const undeleteRole = (deps: IamServiceDeps) =>
  rpc(IAM.method.undeleteRole, { permission: "iam.roles.undelete", audit: "ADMIN_WRITE" }, ({ name, etag }) =>
    changeRole(deps, { name, etag }, (role, _, row) => {
      if (!role.deleted) throw roleState(name, "not deleted");
      if (deps.clock.nowMs() - row.updateTimeMs > UNDELETABLE_MS) throw roleNotFound(name);
      return { ...role, deleted: false };
    }),
  );
