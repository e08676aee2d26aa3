import { ChannelSchema } from "../../../gen/google/cloud/eventarc/v1/channel_pb.js";
import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { channelOf, fromRow } from "../channels/stored-channel.ts";
import type { Deps } from "../deps.ts";
import { parseLocationName } from "../names.ts";
import { orderedPage } from "../ordered-page.ts";

/** Eventarc.ListChannels: of one location, or of all with "-". */
export const listChannels = ({ channels, clock }: Deps) =>
  rpc(Eventarc.method.listChannels, { permission: "eventarc.channels.list", audit: "ADMIN_READ" }, async (request) => {
    parseLocationName(request.parent);
    const rows = await channels.list({ parent: request.parent, limit: Number.MAX_SAFE_INTEGER });
    const all = rows.map((row) => channelOf(fromRow(row), clock.nowMs()));
    const { page, nextPageToken } = orderedPage(ChannelSchema, all, request);
    return { channels: page, nextPageToken };
  });
