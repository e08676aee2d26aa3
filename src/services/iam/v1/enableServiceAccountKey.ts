import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { changeKey } from "../change-key.ts";
import type { IamServiceDeps } from "../deps.ts";

/** google.iam.admin.v1.IAM.EnableServiceAccountKey. */
export const enableServiceAccountKey = (deps: IamServiceDeps) =>
  rpc(
    IAM.method.enableServiceAccountKey,
    { permission: "iam.serviceAccountKeys.enable", audit: "ADMIN_WRITE" },
    async ({ name }) => {
      await changeKey(deps, name, (keys, transaction, keyId) => keys.setDisabled(transaction, keyId, false));
      return {};
    },
  );
