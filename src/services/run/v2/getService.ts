import { Services } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { RunContext } from "../context.ts";
import { serviceNotFound } from "../services/errors.ts";
import { serviceView } from "../services/view.ts";

/** run.v2.Services.GetService. */
export const getService = ({ rows }: RunContext) =>
  rpc(Services.method.getService, { permission: "run.services.get", audit: "ADMIN_READ" }, async ({ name }) => {
    const record = await rows.getService(name);
    if (!record) throw serviceNotFound(name);
    return serviceView(record);
  });
