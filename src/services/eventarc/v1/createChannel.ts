import { create } from "@bufbuild/protobuf";
import { ChannelSchema } from "../../../gen/google/cloud/eventarc/v1/channel_pb.js";
import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { DuplicateResourceError } from "../../../platform/store/resource-table.ts";
import { alreadyExists } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import { channelOf, newRow, type StoredChannel, toRow } from "../channels/stored-channel.ts";
import { GOOGLE_CHANNEL, validateChannel } from "../channels/validate-channel.ts";
import { CHANNEL_KIND, type Deps } from "../deps.ts";
import { invalidRequest } from "../errors.ts";
import { ACTIVATION_TOKEN_MS } from "../limits.ts";
import { checkChannelLocation } from "../locations.ts";
import { checkId, parseLocationName } from "../names.ts";
import { newStart, startOperation, unstoredOperation } from "../operations.ts";
import { channelTopicNameOf } from "../transport/names.ts";

/** Eventarc.CreateChannel: one with a provider waits for it, with a token that lets it connect; others are active at once. */
export const createChannel = (deps: Deps) =>
  rpc(
    Eventarc.method.createChannel,
    { permission: "eventarc.channels.create", audit: "ADMIN_WRITE" },
    async ({ parent, channelId, channel: given, validateOnly }) => {
      const parts = parseLocationName(parent);
      checkChannelLocation(parts.location);
      checkId(channelId, "channel_id");
      if (channelId === GOOGLE_CHANNEL)
        throw invalidRequest("channel_id", `the channel "${GOOGLE_CHANNEL}" is for events of Google's providers`);
      validateChannel(given!);
      const name = `${parent}/channels/${channelId}`;
      const nowMs = deps.clock.nowMs();
      const row = newRow(name, deps.ids.uuid(), nowMs);
      const { provider, labels } = given!;
      const activation = { token: deps.ids.text(64), expireTimeMs: nowMs + ACTIVATION_TOKEN_MS };
      const work = newStart(deps, name, "create");
      const stored: StoredChannel = {
        row,
        channel: create(ChannelSchema, { provider, labels }),
        topic: channelTopicNameOf({ ...parts, id: channelId }, row.uid),
        state: provider === "" ? "ACTIVE" : "PENDING",
        activation: provider === "" ? undefined : activation,
        work,
      };
      if (await deps.channels.get(name)) throw alreadyExists(name);
      if (validateOnly) return unstoredOperation(work, ChannelSchema, channelOf(stored, nowMs));
      return deps.store.transact(async (transaction) => {
        try {
          await deps.channels.insert(transaction, toRow(stored));
        } catch (error) {
          throw error instanceof DuplicateResourceError ? alreadyExists(name) : error;
        }
        await deps.wakeups.wake(transaction, CHANNEL_KIND, name);
        return startOperation(deps, transaction, work);
      });
    },
  );
