import { IAM, ServiceAccountSchema } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { populatedFields } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import { type Change, changeAccount } from "../change-account.ts";
import type { IamServiceDeps } from "../deps.ts";
import { notUpdatable } from "../errors.ts";
import { accountMessage } from "../service-account.ts";

const UPDATABLE: Readonly<Record<string, "displayName" | "description">> = {
  display_name: "displayName",
  displayName: "displayName",
  description: "description",
};

/** google.iam.admin.v1.IAM.PatchServiceAccount: display_name and description. */
export const patchServiceAccount = (deps: IamServiceDeps) =>
  rpc(
    IAM.method.patchServiceAccount,
    { permission: "iam.serviceAccounts.update", audit: "ADMIN_WRITE" },
    async ({ serviceAccount, updateMask }) => {
      if (!serviceAccount?.name) {
        const description = "The field 'service_account.name' is required.";
        throw invalidArgument(description, [{ field: "service_account.name", description }]);
      }
      const given = populatedFields(ServiceAccountSchema, serviceAccount).filter((field) => field in UPDATABLE);
      const change: { -readonly [Field in keyof Change]: Change[Field] } = {};
      for (const path of updateMask?.paths ?? given) {
        const field = UPDATABLE[path];
        if (field === undefined) throw notUpdatable(path);
        change[field] = serviceAccount[field];
      }
      return accountMessage(await changeAccount(deps, serviceAccount.name, change));
    },
  );
