import type { MessageInitShape } from "@bufbuild/protobuf";
import { Publisher, type PubsubMessageSchema } from "../../gen/google/pubsub/v1/pubsub_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../wire/errors.ts";
import { agentOf, findTarget } from "./channel-triggers.ts";
import type { PublishingDeps } from "./deps.ts";
import { invalidRequest } from "./errors.ts";
import type { PublishedEvent } from "./event.ts";
import { inContentTypeOf } from "./in-content-type.ts";
import { PARALLEL_TOPICS } from "./limits.ts";
import { matchesTrigger } from "./matches-trigger.ts";
import { messageOf } from "./message.ts";
import { readEvents, type EventsRequest } from "./read-events.ts";

/** Types whose events come from homerun's own services and cannot be published. */
const ROUTED = /^google\.cloud\.(pubsub\.topic|storage\.object|audit\.log)\.v1\./;

type Message = MessageInitShape<typeof PubsubMessageSchema>;

/** Brings the events of a request to every trigger of the channel that they match; resolves when they are on disk. */
export async function publishToChannel(deps: PublishingDeps, channel: string, request: EventsRequest): Promise<void> {
  const events = readEvents(request);
  const { project, topic, isGoogle, triggers } = await findTarget(deps, channel);
  if (isGoogle) checkTypes(events);
  const messages = new Map<string, Message[]>();
  const add = (name: string, event: PublishedEvent) =>
    messages.set(name, [...(messages.get(name) ?? []), messageOf(event)]);
  for (const event of events) {
    if (topic !== "") add(topic, event);
    for (const trigger of triggers.filter((each) => matchesTrigger(event, each))) {
      const name = trigger.transport?.intermediary.value?.topic ?? "";
      // A trigger that is still being made gets no events yet.
      if (name !== "") add(name, isGoogle ? inContentTypeOf(trigger, event) : event);
    }
  }
  await publishAll(deps, project, [...messages]);
}

function checkTypes(events: readonly PublishedEvent[]): void {
  const routed = events.find(({ type }) => ROUTED.test(type));
  if (routed) throw invalidRequest("events", `events of type "${routed.type}" come from the service itself`);
}

async function publishAll(
  deps: PublishingDeps,
  project: string,
  work: (readonly [string, Message[]])[],
): Promise<void> {
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
