import type { MessageInitShape } from "@bufbuild/protobuf";
import { Publisher, type PubsubMessageSchema } from "../../gen/google/pubsub/v1/pubsub_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../wire/errors.ts";
import { agentOf } from "./channel-triggers.ts";
import type { PublishingDeps } from "./deps.ts";
import { PARALLEL_TOPICS } from "./limits.ts";

/** A message on its way to Pub/Sub. */
export type Message = MessageInitShape<typeof PubsubMessageSchema>;

/** Publishes messages to their topics, some topics at a time; resolves when all are on disk. */
export async function publishAll(
  deps: PublishingDeps,
  project: string,
  messages: Iterable<readonly [topic: string, messages: Message[]]>,
): Promise<void> {
  const work = [...messages];
  const publishNext = async (): Promise<void> => {
    for (let next = work.pop(); next; next = work.pop()) await publishTo(deps, project, ...next);
  };
  await Promise.all(Array.from({ length: PARALLEL_TOPICS }, publishNext));
}

/** A topic that somebody has deleted keeps its trigger from working, and no other one. */
async function publishTo({ clients, log }: PublishingDeps, project: string, topic: string, messages: Message[]) {
  try {
    await clients.of(Publisher, agentOf(project)).publish({ topic, messages });
  } catch (error) {
    if (!(error instanceof ApiError && error.code === Code.NOT_FOUND)) throw error;
    log.warning("a transport topic of Eventarc is gone, and events with it", { topic });
  }
}
