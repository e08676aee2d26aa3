import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { findChannel } from "../channels/find.ts";
import { channelOf } from "../channels/stored-channel.ts";
import type { Deps } from "../deps.ts";

/** Eventarc.GetChannel. */
export const getChannel = (deps: Deps) =>
  rpc(Eventarc.method.getChannel, { permission: "eventarc.channels.get", audit: "ADMIN_READ" }, async ({ name }) =>
    channelOf(await findChannel(deps, name), deps.clock.nowMs()),
  );
