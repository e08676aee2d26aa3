import { fromJsonString } from "@bufbuild/protobuf";
import { SubscriptionSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { PositionRow, LogRow } from "./storage/store.ts";
import type { Position } from "./subscription-queue.ts";
import type { SubscriptionQueue } from "./subscription-queue.ts";
import type { TopicLog } from "./topic-log.ts";

/** A snapshot: nothing before its cursor is needed for it. */
export interface SnapshotPosition {
  readonly id: number;
  readonly log: number;
  readonly cursor: number;
}

/** What of topics, subscriptions and snapshots is in memory, by name. */
export interface Topology {
  topic(name: string): TopicLog | undefined;
  log(id: number): TopicLog | undefined;
  logs(): Iterable<TopicLog>;
  queue(name: string): SubscriptionQueue | undefined;
  queues(): Iterable<SubscriptionQueue>;
  queuesOf(log: TopicLog): readonly SubscriptionQueue[];
  snapshot(name: string): SnapshotPosition | undefined;
  snapshotsNeedFrom(log: TopicLog): number;
  addLog(log: TopicLog): void;
  /** The topic is deleted; its log stays for those who still need it. */
  closeLog(log: TopicLog): void;
  forgetLog(log: TopicLog): void;
  addQueue(queue: SubscriptionQueue): void;
  removeQueue(name: string): SubscriptionQueue | undefined;
  addSnapshot(name: string, snapshot: SnapshotPosition): void;
  removeSnapshot(name: string): SnapshotPosition | undefined;
}

export function createTopology(): Topology {
  const topics = new Map<string, TopicLog>();
  const logs = new Map<number, TopicLog>();
  const queues = new Map<string, SubscriptionQueue>();
  const byLog = new Map<number, Set<SubscriptionQueue>>();
  const snapshots = new Map<string, SnapshotPosition>();
  return {
    topic: (name) => topics.get(name),
    log: (id) => logs.get(id),
    logs: () => [...logs.values()],
    queue: (name) => queues.get(name),
    queues: () => queues.values(),
    queuesOf: ({ id }) => [...(byLog.get(id) ?? [])],
    snapshot: (name) => snapshots.get(name),
    snapshotsNeedFrom({ id }) {
      let needed = Number.POSITIVE_INFINITY;
      for (const { log, cursor } of snapshots.values()) if (log === id) needed = Math.min(needed, cursor);
      return needed;
    },
    addLog(log) {
      logs.set(log.id, log);
      if (log.topic !== "") topics.set(log.topic, log);
    },
    closeLog(log) {
      if (topics.get(log.topic) === log) topics.delete(log.topic);
      log.topic = "";
      log.retentionMs = 0;
    },
    forgetLog: (log) => void logs.delete(log.id),
    addQueue(queue) {
      queues.set(queue.position.name, queue);
      const ofLog = byLog.get(queue.log.id);
      if (ofLog) ofLog.add(queue);
      else byLog.set(queue.log.id, new Set([queue]));
    },
    removeQueue(name) {
      const queue = queues.get(name);
      if (!queue) return undefined;
      queues.delete(name);
      const ofLog = byLog.get(queue.log.id);
      ofLog?.delete(queue);
      if (ofLog?.size === 0) byLog.delete(queue.log.id);
      return queue;
    },
    addSnapshot: (name, snapshot) => void snapshots.set(name, snapshot),
    removeSnapshot(name) {
      const snapshot = snapshots.get(name);
      snapshots.delete(name);
      return snapshot;
    },
  };
}

export interface Factories {
  readonly makeLog: (start: Pick<TopicLog, "id" | "topic" | "retentionMs" | "end">) => TopicLog;
  readonly makeQueue: (position: Position, log: TopicLog) => SubscriptionQueue;
}

/** Puts what is stored into memory. */
export async function loadTopology(
  topology: Topology,
  stored: { logs: readonly LogRow[]; positions: readonly PositionRow[]; endOf: (log: number) => Promise<number> },
  { makeLog, makeQueue }: Factories,
): Promise<void> {
  for (const { id, topic, retention_ms } of stored.logs) {
    topology.addLog(makeLog({ id, topic, retentionMs: retention_ms, end: await stored.endOf(id) }));
  }
  for (const { id, name, log: logId, cursor, first_seq, subscription, last_use_ms } of stored.positions) {
    const log = topology.log(logId)!;
    if (subscription === "") topology.addSnapshot(name, { id, log: logId, cursor });
    else {
      const parsed = fromJsonString(SubscriptionSchema, subscription, { ignoreUnknownFields: true });
      const position = { id, name, firstSeq: first_seq, cursor, subscription: parsed, lastUseMs: last_use_ms };
      topology.addQueue(makeQueue(position, log));
    }
  }
}
