import { Instances } from "../../../../gen/google/cloud/run/v2/instance_pb.js";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { instanceView } from "../../instances/view.ts";
import { parseLocationName } from "../../names.ts";
import { newestFirst } from "../pages.ts";

/** run.v2.Instances.ListInstances. A deleted instance is gone at once, so show_deleted adds none. */
export const listInstances = ({ instances }: RunContext) =>
  rpc(Instances.method.listInstances, { permission: "run.instances.list", audit: "ADMIN_READ" }, async (request) => {
    parseLocationName(request.parent);
    const { list } = instances;
    const { page, nextPageToken } = await newestFirst("instances", request, list, ({ instance }) => instance);
    return { instances: page.map(instanceView), nextPageToken };
  });
