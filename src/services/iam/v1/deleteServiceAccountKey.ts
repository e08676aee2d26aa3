import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { changeKey } from "../change-key.ts";
import type { IamServiceDeps } from "../deps.ts";

/** google.iam.admin.v1.IAM.DeleteServiceAccountKey. */
export const deleteServiceAccountKey = (deps: IamServiceDeps) =>
  rpc(
    IAM.method.deleteServiceAccountKey,
    { permission: "iam.serviceAccountKeys.delete", audit: "ADMIN_WRITE" },
    async ({ name }) => {
      await changeKey(deps, name, (keys, transaction, keyId) => keys.delete(transaction, keyId));
      return {};
    },
  );
