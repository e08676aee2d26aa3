import { Instances } from "../../../../gen/google/cloud/run/v2/instance_pb.js";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { changeBy } from "./change.ts";

/** run.v2.Instances.StopInstance: stops an instance; what it is stays. */
export const stopInstance = (context: RunContext) =>
  rpc(Instances.method.stopInstance, { permission: "run.instances.stop", audit: "ADMIN_WRITE" }, (request, call) =>
    changeBy(context, "STOP", request, call),
  );
