import { ChannelConnectionSchema } from "../../../gen/google/cloud/eventarc/v1/channel_connection_pb.js";
import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { alreadyExists } from "../../../wire/errors.ts";
import { canonicalName } from "../../../wire/interceptors/canonical-projects.ts";
import { rpc } from "../../../wire/rpc.ts";
import { readChannel } from "../channels/find.ts";
import { stateOf, toRow } from "../channels/stored-channel.ts";
import { connectionOf, newConnectionRow } from "../connections/connection.ts";
import type { Deps } from "../deps.ts";
import { invalidRequest } from "../errors.ts";
import { checkChannelLocation } from "../locations.ts";
import { checkId, parseLocationName, parseResourceName } from "../names.ts";
import { finishedOperation, newStart } from "../operations.ts";
import { checkLabels } from "../triggers/validate-trigger.ts";

/** Eventarc.CreateChannelConnection: binds a provider's project to a channel that waits for it, by the channel's token. */
export const createChannelConnection = (deps: Deps) =>
  rpc(
    Eventarc.method.createChannelConnection,
    { permission: "eventarc.channelConnections.create", audit: "ADMIN_WRITE" },
    async ({ parent, channelConnectionId, channelConnection: given }) => {
      const channel = await canonicalName(given!.channel, deps.projects);
      const connection = { ...given!, channel };
      const { activationToken, labels } = connection;
      checkChannelLocation(parseLocationName(parent).location);
      checkId(channelConnectionId, "channel_connection_id");
      parseResourceName(channel, "channels", "channel_connection.channel");
      checkLabels(labels, "channel_connection.labels");
      const name = `${parent}/channelConnections/${channelConnectionId}`;
      return deps.store.transact(async (transaction) => {
        if (await deps.channelConnections.get(name, transaction)) throw alreadyExists(name);
        await activate(deps, transaction, channel, activationToken);
        const row = newConnectionRow(connection, name, deps.ids.uuid(), deps.clock.nowMs());
        await deps.channelConnections.insert(transaction, row);
        const start = newStart(deps, name, "create");
        return finishedOperation(deps, transaction, start, ChannelConnectionSchema, connectionOf(row));
      });
    },
  );

async function activate(deps: Deps, transaction: StoreTransaction, name: string, token: string): Promise<void> {
  const stored = await readChannel(deps, name, transaction);
  const isWaiting = stored && stateOf(stored, deps.clock.nowMs()) === "PENDING";
  if (!isWaiting || stored.activation?.token !== token)
    throw invalidRequest("channel_connection.activation_token", `the activation token is not valid for "${name}"`);
  await deps.channels.update(transaction, toRow({ ...stored, state: "ACTIVE", activation: undefined }));
}
