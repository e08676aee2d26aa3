import { create } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { ChannelSchema } from "../../../gen/google/cloud/eventarc/v1/channel_pb.js";
import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { applyFieldMask, populatedFields } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import { findChannel } from "../channels/find.ts";
import { channelOf, fromRow, toRow } from "../channels/stored-channel.ts";
import { validateChannel } from "../channels/validate-channel.ts";
import type { Deps } from "../deps.ts";
import { invalidRequest, operationUnderWay } from "../errors.ts";
import { finishedOperation, newStart, unstoredOperation } from "../operations.ts";

/** Eventarc.UpdateChannel: its labels; the operation is done when it is answered. */
export const updateChannel = (deps: Deps) =>
  rpc(
    Eventarc.method.updateChannel,
    { permission: "eventarc.channels.update", audit: "ADMIN_WRITE" },
    ({ channel: given, updateMask, validateOnly }) =>
      deps.store.transact(async (transaction) => {
        const stored = await findChannel(deps, given?.name ?? "", transaction);
        if (stored.work) throw operationUnderWay();
        const paths = populatedFields(ChannelSchema, given!).filter((path) => path !== "name");
        const mask = updateMask && updateMask.paths.length > 0 ? updateMask : create(FieldMaskSchema, { paths });
        const channel = applyFieldMask(ChannelSchema, stored.channel, given!, mask);
        validateChannel(channel);
        if (channel.provider !== stored.channel.provider)
          throw invalidRequest("channel.provider", "the provider of a channel cannot be changed");
        const nowMs = deps.clock.nowMs();
        const { name } = stored.row;
        const changed = { ...stored, channel: create(ChannelSchema, { ...channel, name: "" }) };
        const start = newStart(deps, name, "update");
        if (validateOnly) return unstoredOperation(start, ChannelSchema, channelOf(changed, nowMs));
        const row = await deps.channels.update(transaction, { ...toRow(changed), updateTimeMs: nowMs });
        return finishedOperation(deps, transaction, start, ChannelSchema, channelOf(fromRow(row), nowMs));
      }),
  );
