import type { Secret } from "../../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import { Publisher } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { invalidField, topicNotUsable } from "../errors.ts";
import { secretMessages } from "./secret-events.ts";

const MAX_TOPICS = 10;
const TOPIC = /^projects\/[^/]+\/topics\/[^/]+$/;
const REFUSALS: readonly Code[] = [
  Code.NOT_FOUND,
  Code.PERMISSION_DENIED,
  Code.INVALID_ARGUMENT,
  Code.FAILED_PRECONDITION,
];

/** Rejects topics that are out of form, named twice, or too many. */
export function validateTopics({ topics }: Secret): void {
  if (topics.length > MAX_TOPICS) throw invalidField("secret.topics", `A secret has at most ${MAX_TOPICS} topics.`);
  const names = topics.map(({ name }) => name);
  const wrong = names.find((name) => !TOPIC.test(name));
  if (wrong !== undefined) throw invalidField("secret.topics", `The topic [${wrong}] is not projects/*/topics/*.`);
  if (new Set(names).size < names.length) throw invalidField("secret.topics", "A topic is named twice.");
}

/**
 * Publishes the test message TOPIC_CONFIGURED to the topics that a secret did not have before; rejects when one cannot be
 * published to. Google: cloud.google.com/secret-manager/docs/event-notifications, "Event types".
 */
export async function configureTopics(deps: Pick<Deps, "clients" | "clock">, secret: Secret, before: Secret["topics"]) {
  const known = new Set(before.map(({ name }) => name));
  const topics = secret.topics.filter(({ name }) => !known.has(name));
  const messages = secretMessages("TOPIC_CONFIGURED", { ...secret, topics }, deps.clock.nowMs());
  for (const { topic, agent, message } of messages) {
    try {
      await deps.clients.of(Publisher, { kind: "serviceAgent", email: agent }).publish({ topic, messages: [message] });
    } catch (error) {
      throw error instanceof ApiError && REFUSALS.includes(error.code) ? topicNotUsable(topic, agent) : error;
    }
  }
}
