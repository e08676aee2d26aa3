import { ChannelConnectionSchema } from "../../../gen/google/cloud/eventarc/v1/channel_connection_pb.js";
import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { readChannel } from "../channels/find.ts";
import { toRow } from "../channels/stored-channel.ts";
import { findConnection } from "../connections/connection.ts";
import type { Deps } from "../deps.ts";
import { finishedOperation, newStart } from "../operations.ts";

/** Eventarc.DeleteChannelConnection: its channel is inactive from then on. */
export const deleteChannelConnection = (deps: Deps) =>
  rpc(
    Eventarc.method.deleteChannelConnection,
    { permission: "eventarc.channelConnections.delete", audit: "ADMIN_WRITE" },
    ({ name }) =>
      deps.store.transact(async (transaction) => {
        const connection = await findConnection(deps, name, transaction);
        const channel = await readChannel(deps, connection.channel, transaction);
        if (channel) await deps.channels.update(transaction, toRow({ ...channel, state: "INACTIVE" }));
        await deps.channelConnections.delete(transaction, name);
        await deps.policies.delete(transaction, name);
        const start = newStart(deps, name, "delete");
        return finishedOperation(deps, transaction, start, ChannelConnectionSchema, connection);
      }),
  );
