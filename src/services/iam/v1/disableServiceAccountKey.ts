import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { changeKey } from "../change-key.ts";
import type { IamServiceDeps } from "../deps.ts";

/** google.iam.admin.v1.IAM.DisableServiceAccountKey. */
export const disableServiceAccountKey = (deps: IamServiceDeps) =>
  rpc(
    IAM.method.disableServiceAccountKey,
    { permission: "iam.serviceAccountKeys.disable", audit: "ADMIN_WRITE" },
    async ({ name }) => {
      await changeKey(deps, name, (keys, transaction, keyId) => keys.setDisabled(transaction, keyId, true));
      return {};
    },
  );
