import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import { invalidField } from "../errors.ts";
import { checkParent } from "../names.ts";

/** CloudTasks.GetCmekConfig and UpdateCmekConfig: no location has a key, and none can be given. */
export function cmekRpcs() {
  return [
    rpc(
      CloudTasks.method.getCmekConfig,
      { permission: "cloudtasks.cmekConfig.get", audit: "ADMIN_READ" },
      async ({ name }) => ({ name: checked(name) }),
    ),
    rpc(
      CloudTasks.method.updateCmekConfig,
      { permission: "cloudtasks.cmekConfig.update", audit: "ADMIN_WRITE" },
      async ({ cmekConfig }) => {
        if (cmekConfig!.kmsKey !== "") throw unsupportedField("cmek_config.kms_key");
        return { name: checked(cmekConfig!.name) };
      },
    ),
  ];
}

function checked(name: string): string {
  if (!name.endsWith("/cmekConfig"))
    throw invalidField("name", `The resource name "${name}" is not that of a cmekConfig.`);
  checkParent(name.slice(0, -"/cmekConfig".length));
  return name;
}
