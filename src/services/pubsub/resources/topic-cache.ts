import type { Topic } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Clock } from "../../../platform/clock.ts";
import type { ResourceTable } from "../../../platform/store/resource-table.ts";
import { topicOf } from "./topic.ts";

/** Topics for every message that is published, at most a second old where another process has changed them. */
export interface TopicCache {
  /** Undefined when there is no such topic. */
  get(name: string): Promise<Topic | undefined>;
  forget(name: string): void;
}

const RECENT_MS = 1_000;
/** Topics remembered at the same time. */
const MAX_TOPICS = 10_000;

/** A cache that is empty. */
export function createTopicCache(topics: ResourceTable, clock: Clock): TopicCache {
  const known = new Map<string, { readonly untilMs: number; readonly topic: Promise<Topic | undefined> }>();
  const find = async (name: string) => {
    const row = await topics.get(name);
    return row && topicOf(row);
  };
  return {
    get(name) {
      const remembered = known.get(name);
      if (remembered && clock.nowMs() < remembered.untilMs) return remembered.topic;
      if (known.size >= MAX_TOPICS) known.clear();
      const topic = find(name);
      known.set(name, { untilMs: clock.nowMs() + RECENT_MS, topic });
      topic.catch(() => known.delete(name));
      return topic;
    },
    forget: (name) => void known.delete(name),
  };
}
