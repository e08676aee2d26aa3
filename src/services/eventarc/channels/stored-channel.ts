import { create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Channel,
  Channel_State as State,
  ChannelSchema,
} from "../../../gen/google/cloud/eventarc/v1/channel_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import { parentOf } from "../names.ts";
import type { OperationStart } from "../operations.ts";

/** Work under way for a channel; there is at most one. */
export type ChannelWork = OperationStart;

/** A channel as it is stored. */
export interface StoredChannel {
  readonly row: ResourceRow;
  /** What the client asked for. */
  readonly channel: Channel;
  readonly topic: string;
  readonly state: "PENDING" | "ACTIVE" | "INACTIVE";
  /** Lets a provider connect, until it expires. */
  readonly activation: { readonly token: string; readonly expireTimeMs: number } | undefined;
  readonly work: ChannelWork | undefined;
}

/** A channel as the API answers it: one whose token has expired is inactive. */
export function channelOf(stored: StoredChannel, nowMs: number): Channel {
  const { row, channel, topic } = stored;
  const state = stateOf(stored, nowMs);
  return create(ChannelSchema, {
    ...channel,
    name: row.name,
    uid: row.uid,
    createTime: timestampFromMs(row.createTimeMs),
    updateTime: timestampFromMs(row.updateTimeMs),
    transport: { case: "pubsubTopic", value: topic },
    state: State[state],
    activationToken: state === "PENDING" ? (stored.activation?.token ?? "") : "",
  });
}

/** The state of a channel at a time. */
export function stateOf({ state, activation }: StoredChannel, nowMs: number): StoredChannel["state"] {
  return state === "PENDING" && activation && activation.expireTimeMs <= nowMs ? "INACTIVE" : state;
}

/** The row of a channel. */
export function toRow({ row, channel, topic, state, activation, work }: StoredChannel): ResourceRow {
  const message: StoredJson = {
    channel: toJson(ChannelSchema, channel),
    topic,
    state,
    ...(activation && { activation }),
    ...(work && { work }),
  };
  return { ...row, message: JSON.stringify(message), unfinished: work !== undefined };
}

/** The channel of a row. */
export function fromRow(row: ResourceRow): StoredChannel {
  const { channel, activation, work, ...rest } = JSON.parse(row.message) as StoredJson;
  return { row, channel: fromJson(ChannelSchema, channel), activation, work, ...rest };
}

/** The row of a resource that has just been asked for, without its message. */
export function newRow(name: string, uid: string, nowMs: number): ResourceRow {
  const parent = parentOf(name);
  const times = { createTimeMs: nowMs, updateTimeMs: nowMs };
  return { name, parent, uid, generation: 1, version: 1, message: "{}", unfinished: false, ...times };
}

interface StoredJson extends Pick<StoredChannel, "topic" | "state"> {
  readonly channel: JsonValue;
  readonly activation?: NonNullable<StoredChannel["activation"]>;
  readonly work?: ChannelWork;
}
