import { ChannelConnectionSchema } from "../../../gen/google/cloud/eventarc/v1/channel_connection_pb.js";
import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { connectionOf } from "../connections/connection.ts";
import type { Deps } from "../deps.ts";
import { parseLocationName } from "../names.ts";
import { orderedPage } from "../ordered-page.ts";

/** Eventarc.ListChannelConnections: of one location, or of all with "-". */
export const listChannelConnections = ({ channelConnections }: Deps) =>
  rpc(
    Eventarc.method.listChannelConnections,
    { permission: "eventarc.channelConnections.list", audit: "ADMIN_READ" },
    async (request) => {
      parseLocationName(request.parent);
      const rows = await channelConnections.list({ parent: request.parent, limit: Number.MAX_SAFE_INTEGER });
      const all = rows.map(connectionOf);
      const { page, nextPageToken } = orderedPage(ChannelConnectionSchema, all, { ...request, orderBy: "" });
      return { channelConnections: page, nextPageToken };
    },
  );
