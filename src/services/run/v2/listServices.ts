import { Services } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { RunContext } from "../context.ts";
import { parseLocationName } from "../names.ts";
import { serviceView } from "../services/view.ts";
import { newestFirst } from "./pages.ts";

/** run.v2.Services.ListServices; the location may be "-". A deleted service is gone at once, so show_deleted adds none. */
export const listServices = ({ rows }: RunContext) =>
  rpc(Services.method.listServices, { permission: "run.services.list", audit: "ADMIN_READ" }, async (request) => {
    parseLocationName(request.parent);
    const { list } = rows.shownServices;
    const { page, nextPageToken } = await newestFirst("services", request, list, ({ service }) => service);
    return { services: page.map(serviceView), nextPageToken };
  });
