import { IAM, ListServiceAccountKeysRequest_KeyType as KeyType } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { IamServiceDeps } from "../deps.ts";
import { findAccount } from "../find-account.ts";
import { keyMessage } from "../service-account.ts";

/** google.iam.admin.v1.IAM.ListServiceAccountKeys; without key_types, keys of both types. */
export const listServiceAccountKeys = (deps: IamServiceDeps) =>
  rpc(
    IAM.method.listServiceAccountKeys,
    { permission: "iam.serviceAccountKeys.list", audit: "ADMIN_READ" },
    async ({ name, keyTypes }) => {
      const account = await findAccount(deps, name);
      const keys = await deps.serviceAccounts.keys.list(account.email);
      const asked = keyTypes.filter((type) => type !== KeyType.KEY_TYPE_UNSPECIFIED);
      const listed = keys.filter(({ type }) => asked.length === 0 || asked.includes(KeyType[type]));
      return { keys: listed.map((key) => keyMessage(account, key)) };
    },
  );
