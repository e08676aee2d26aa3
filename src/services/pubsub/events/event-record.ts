import { fromBinary } from "@bufbuild/protobuf";
import { type PubsubMessage, PubsubMessageSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { AttemptOutcome } from "../push/delivery-attempt.ts";
import { isDestination } from "./destination.ts";
import type { RecordedAttempt } from "./record-chunk.ts";
import type { Recorder } from "./recorder.ts";

/** A message of a push subscription, and how it was delivered. */
export interface EventRecord {
  readonly subscription: string;
  readonly messageId: string;
  /** Oldest first. */
  readonly attempts: readonly RecordedAttempt[];
  /** Undefined when it is not on record (any more). */
  readonly message: PubsubMessage | undefined;
}

export interface EventQuery {
  /** "projects/P" */
  readonly project: string;
  /** Full name of the subscription. */
  readonly subscription?: string | undefined;
  /** Id of an Eventarc trigger. */
  readonly trigger?: string | undefined;
  /** Id of a function or Cloud Run service. */
  readonly service?: string | undefined;
  readonly messageId?: string | undefined;
  /** Only those whose last attempt was no success. */
  readonly failed?: boolean;
  readonly limit: number;
}

/** The events that a query asks for, those with the newest attempts first. */
export async function findEvents(recorder: Recorder, query: EventQuery): Promise<readonly EventRecord[]> {
  const found = new Map<string, RecordedAttempt[]>();
  for await (const chunk of recorder.chunks()) {
    for (const attempt of chunk.toReversed()) {
      if (!isAsked(attempt, query)) continue;
      const key = `${attempt.subscription} ${attempt.messageId}`;
      const attempts = found.get(key);
      if (attempts === undefined) found.set(key, [attempt]);
      else attempts.push(attempt);
    }
  }
  const events = [...found.values()].map((newestFirst) => eventOf(newestFirst.toReversed()));
  return events.filter((event) => query.failed !== true || outcomeOf(event) !== "DELIVERED").slice(0, query.limit);
}

/** How the event's last attempt ended. */
export function outcomeOf({ attempts }: EventRecord): AttemptOutcome {
  return attempts.at(-1)!.outcome;
}

function isAsked(
  attempt: RecordedAttempt,
  { project, subscription, trigger, service, messageId }: EventQuery,
): boolean {
  if (!attempt.subscription.startsWith(`${project}/`)) return false;
  if (subscription !== undefined && attempt.subscription !== subscription) return false;
  if (messageId !== undefined && attempt.messageId !== messageId) return false;
  if (trigger !== undefined && triggerOf(attempt.subscription) !== trigger) return false;
  return service === undefined || isDestination(attempt.endpoint, service);
}

/** Google: Eventarc's subscriptions are named eventarc-REGION-TRIGGER-sub-NNN. */
function triggerOf(subscription: string): string | undefined {
  return /\/subscriptions\/eventarc-[a-z]+(?:-[a-z]+\d+)?-(.+)-sub-\d+$/.exec(subscription)?.[1];
}

function eventOf(attempts: readonly RecordedAttempt[]): EventRecord {
  const [{ subscription, messageId }] = attempts as [RecordedAttempt];
  const bytes = attempts.find(({ message }) => message !== undefined)?.message;
  const message = bytes && fromBinary(PubsubMessageSchema, bytes);
  return { subscription, messageId, attempts, message };
}
