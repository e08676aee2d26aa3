import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { findConnection } from "../connections/connection.ts";
import type { Deps } from "../deps.ts";

/** Eventarc.GetChannelConnection. */
export const getChannelConnection = (deps: Deps) =>
  rpc(
    Eventarc.method.getChannelConnection,
    { permission: "eventarc.channelConnections.get", audit: "ADMIN_READ" },
    ({ name }) => findConnection(deps, name),
  );
