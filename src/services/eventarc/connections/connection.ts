import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type ChannelConnection,
  ChannelConnectionSchema,
} from "../../../gen/google/cloud/eventarc/v1/channel_connection_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { notFound } from "../../../wire/errors.ts";
import { newRow } from "../channels/stored-channel.ts";
import type { Deps } from "../deps.ts";
import { parseResourceName } from "../names.ts";

/** The row of a new connection; the token that lets it connect is not kept. */
export function newConnectionRow({ channel, labels }: ChannelConnection, name: string, uid: string, nowMs: number) {
  const kept = create(ChannelConnectionSchema, { channel, labels });
  return { ...newRow(name, uid, nowMs), message: toJsonString(ChannelConnectionSchema, kept) };
}

/** A connection as the API answers it. */
export function connectionOf({ name, uid, message, createTimeMs, updateTimeMs }: ResourceRow): ChannelConnection {
  return create(ChannelConnectionSchema, {
    ...fromJsonString(ChannelConnectionSchema, message),
    name,
    uid,
    createTime: timestampFromMs(createTimeMs),
    updateTime: timestampFromMs(updateTimeMs),
  });
}

/** The connection of that name; NOT_FOUND when there is none. */
export async function findConnection(
  { channelConnections }: Pick<Deps, "channelConnections">,
  name: string,
  transaction?: StoreTransaction,
): Promise<ChannelConnection> {
  parseResourceName(name, "channelConnections");
  const row = await channelConnections.get(name, transaction);
  if (!row) throw notFound(name);
  return connectionOf(row);
}
