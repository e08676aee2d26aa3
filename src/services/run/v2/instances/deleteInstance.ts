import { Instances } from "../../../../gen/google/cloud/run/v2/instance_pb.js";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { changeBy } from "./change.ts";

/** run.v2.Instances.DeleteInstance: stops an instance and forgets it. */
export const deleteInstance = (context: RunContext) =>
  rpc(Instances.method.deleteInstance, { permission: "run.instances.delete", audit: "ADMIN_WRITE" }, (request, call) =>
    changeBy(context, "DELETE", request, call),
  );
