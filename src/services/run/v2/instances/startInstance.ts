import { Instances } from "../../../../gen/google/cloud/run/v2/instance_pb.js";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { changeBy } from "./change.ts";

/** run.v2.Instances.StartInstance: starts an instance that was stopped, has ended or did not start; one that runs goes on. */
export const startInstance = (context: RunContext) =>
  rpc(Instances.method.startInstance, { permission: "run.instances.start", audit: "ADMIN_WRITE" }, (request, call) =>
    changeBy(context, "RUN", request, call),
  );
