import type { PubsubMessage } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Deps } from "../deps.ts";
import { resourceNotFound } from "../resources/errors.ts";
import { prepareMessages } from "./prepare-messages.ts";

/**
 * Publishes messages as the topic's transforms and schema have them; their ids, in order. What a transform leaves out has an
 * id, too, as if it had been published.
 */
export async function publishPrepared(deps: Deps, name: string, messages: readonly PubsubMessage[]): Promise<string[]> {
  const topic = await deps.topicCache.get(name);
  if (!topic) throw resourceNotFound(name);
  const isPlain = topic.messageTransforms.length === 0 && !topic.schemaSettings;
  if (isPlain) return [...(await deps.engine.publish(name, messages))];
  const prepared = await prepareMessages(deps, topic, messages);
  const kept = prepared.filter((message) => message !== undefined);
  const ids = (await deps.engine.publish(name, kept)).values();
  return prepared.map((message) => (message ? ids.next().value! : filteredId(deps)));
}

/** Longer than the ids of messages. */
function filteredId({ ids }: Pick<Deps, "ids">): string {
  return `9${String(Math.floor(ids.fraction() * 1e18)).padStart(18, "0")}`;
}
