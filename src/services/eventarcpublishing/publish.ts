import { findTarget } from "./channel-triggers.ts";
import type { PublishingDeps } from "./deps.ts";
import { invalidRequest } from "./errors.ts";
import type { PublishedEvent } from "./event.ts";
import { inContentTypeOf } from "./in-content-type.ts";
import { matchesTrigger } from "./matches-trigger.ts";
import { messageOf } from "./message.ts";
import { type Message, publishAll } from "./publish-all.ts";
import { readEvents, type EventsRequest } from "./read-events.ts";

/** Types whose events come from homerun's own services and cannot be published. */
const ROUTED = /^google\.cloud\.(pubsub\.topic|storage\.object|audit\.log)\.v1\./;

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
  await publishAll(deps, project, messages);
}

function checkTypes(events: readonly PublishedEvent[]): void {
  const routed = events.find(({ type }) => ROUTED.test(type));
  if (routed) throw invalidRequest("events", `events of type "${routed.type}" come from the service itself`);
}
