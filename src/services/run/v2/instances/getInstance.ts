import { Instances } from "../../../../gen/google/cloud/run/v2/instance_pb.js";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { instanceNotFound } from "../../instances/errors.ts";
import { instanceView } from "../../instances/view.ts";

/** run.v2.Instances.GetInstance. */
export const getInstance = ({ instances }: RunContext) =>
  rpc(Instances.method.getInstance, { permission: "run.instances.get", audit: "ADMIN_READ" }, async ({ name }) => {
    const record = await instances.get(name);
    if (!record) throw instanceNotFound(name);
    return instanceView(record);
  });
