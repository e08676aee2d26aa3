import { clone, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import {
  type Subscription,
  type Topic,
  Topic_State as State,
  TopicSchema,
} from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Deps } from "../deps.ts";
import { resourceNotFound } from "./errors.ts";
import { checkName } from "./names.ts";

/** A topic as the API answers it. */
export function topicOf({ name, message }: ResourceRow): Topic {
  return { ...fromJsonString(TopicSchema, message), name, state: State.ACTIVE };
}

/** What is kept of a topic. */
export function storedTopic(topic: Topic): string {
  const kept = { ...clone(TopicSchema, topic), name: "", satisfiesPzs: false, state: State.STATE_UNSPECIFIED };
  return toJsonString(TopicSchema, kept);
}

/** The topic of that name; NOT_FOUND when there is none. */
export async function findTopic(
  { topics }: Pick<Deps, "topics">,
  name: string,
  transaction?: StoreTransaction,
): Promise<{ readonly row: ResourceRow; readonly topic: Topic }> {
  checkName("topics", name);
  const row = await topics.get(name, transaction);
  if (!row) throw resourceNotFound(name);
  return { row, topic: topicOf(row) };
}

/** NOT_FOUND when the topic for dead letters does not exist. */
export async function findDeadLetterTopic(
  deps: Pick<Deps, "topics">,
  { deadLetterPolicy }: Pick<Subscription, "deadLetterPolicy">,
  transaction: StoreTransaction,
): Promise<void> {
  if (deadLetterPolicy) await findTopic(deps, deadLetterPolicy.deadLetterTopic, transaction);
}
