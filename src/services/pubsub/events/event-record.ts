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
  /** By key; undefined for events that are not wanted. Only what is wanted is kept, however much is on record. */
  const found = new Map<string, RecordedAttempt[] | undefined>();
  let wanted = 0;
  for await (const chunk of recorder.chunks()) {
    for (const attempt of chunk.toReversed()) {
      if (!isAsked(attempt, query)) continue;
      const key = `${attempt.subscription} ${attempt.messageId}`;
      const attempts = found.get(key);
      if (attempts !== undefined) attempts.push(attempt);
      if (found.has(key)) continue;
      const isWanted = wanted < query.limit && (query.failed !== true || attempt.outcome !== "DELIVERED");
      found.set(key, isWanted ? [attempt] : undefined);
      if (isWanted) wanted++;
    }
  }
  return [...found.values()].flatMap((newestFirst) => (newestFirst ? eventOf(newestFirst.toReversed()) : []));
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
