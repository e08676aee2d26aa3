import { ChannelSchema } from "../../../gen/google/cloud/eventarc/v1/channel_pb.js";
import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { findChannel } from "../channels/find.ts";
import { channelOf, toRow } from "../channels/stored-channel.ts";
import { CHANNEL_KIND, type Deps } from "../deps.ts";
import { operationUnderWay } from "../errors.ts";
import { newStart, startOperation, unstoredOperation } from "../operations.ts";

/** Eventarc.DeleteChannel: the operation ends when the channel's topic is gone; its triggers stay and get nothing. */
export const deleteChannel = (deps: Deps) =>
  rpc(
    Eventarc.method.deleteChannel,
    { permission: "eventarc.channels.delete", audit: "ADMIN_WRITE" },
    ({ name, validateOnly }) =>
      deps.store.transact(async (transaction) => {
        const stored = await findChannel(deps, name, transaction);
        if (stored.work) throw operationUnderWay();
        const work = newStart(deps, name, "delete");
        if (validateOnly) return unstoredOperation(work, ChannelSchema, channelOf(stored, deps.clock.nowMs()));
        await deps.channels.update(transaction, toRow({ ...stored, work }));
        await deps.wakeups.wake(transaction, CHANNEL_KIND, name);
        return startOperation(deps, transaction, work);
      }),
  );
