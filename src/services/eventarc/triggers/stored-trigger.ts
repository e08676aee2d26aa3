import { create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Trigger, TransportSchema, TriggerSchema } from "../../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import type { Code } from "../../../gen/google/rpc/code_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import { etagOf } from "../../../wire/etag.ts";
import { parentOf } from "../names.ts";

/** Work under way for a trigger; there is at most one. */
export interface Work {
  readonly kind: "CREATE" | "UPDATE" | "DELETE";
  /** Full name of the operation that follows it. */
  readonly operation: string;
  readonly startTimeMs: number;
  /** What the trigger was before an update, and is again if that fails. */
  readonly previous?: Trigger;
  /** Why it cannot be done: what was made is taken back. */
  readonly failure?: { readonly code: Code; readonly message: string };
}

/** Names of what carries a trigger's events. */
export interface TransportNames {
  readonly topic: string;
  /** Whether Eventarc makes and deletes the topic. */
  readonly ownsTopic: boolean;
  readonly subscription: string;
}

/** A trigger as it is stored. */
export interface StoredTrigger {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly version: number;
  readonly createTimeMs: number;
  readonly updateTimeMs: number;
  /** What the client asked for, without what the server says of it. */
  readonly trigger: Trigger;
  readonly transport: TransportNames;
  readonly work: Work | undefined;
}

/** A trigger as the API answers it; its transport is there when it works. */
export function triggerOf(stored: StoredTrigger): Trigger {
  const { name, uid, version, createTimeMs, updateTimeMs, transport, work } = stored;
  const isMade = work?.kind !== "CREATE";
  const subscription = isMade ? transport.subscription : "";
  const topic = isMade || !transport.ownsTopic ? transport.topic : "";
  const intermediary = { case: "pubsub", value: { topic, subscription } } as const;
  return create(TriggerSchema, {
    ...stored.trigger,
    name,
    uid,
    createTime: timestampFromMs(createTimeMs),
    updateTime: timestampFromMs(updateTimeMs),
    transport: create(TransportSchema, { intermediary }),
    etag: etagOf(uid, version),
  });
}

/** The row of a trigger. */
export function toRow(stored: StoredTrigger): ResourceRow {
  const { name, uid, generation, version, createTimeMs, updateTimeMs, transport, work } = stored;
  const message: StoredJson = {
    trigger: toJson(TriggerSchema, stored.trigger),
    transport,
    ...(work && { work: { ...work, previous: work.previous && toJson(TriggerSchema, work.previous) } }),
  };
  return {
    name,
    parent: parentOf(name),
    uid,
    generation,
    version,
    message: JSON.stringify(message),
    unfinished: work !== undefined,
    createTimeMs,
    updateTimeMs,
  };
}

/** The trigger of a row. */
export function fromRow(row: ResourceRow): StoredTrigger {
  const { name, uid, generation, version, createTimeMs, updateTimeMs } = row;
  const { trigger, transport, work } = JSON.parse(row.message) as StoredJson;
  return {
    name,
    uid,
    generation,
    version,
    createTimeMs,
    updateTimeMs,
    transport,
    trigger: fromJson(TriggerSchema, trigger),
    work: work && workFromJson(work),
  };
}

interface StoredJson {
  readonly trigger: JsonValue;
  readonly transport: TransportNames;
  readonly work?: WorkJson;
}

type WorkJson = Omit<Work, "previous"> & { readonly previous?: JsonValue | undefined };

function workFromJson({ previous, ...rest }: WorkJson): Work {
  return previous === undefined ? rest : { ...rest, previous: fromJson(TriggerSchema, previous) };
}
