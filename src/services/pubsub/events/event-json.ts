import { type JsonValue, toJson } from "@bufbuild/protobuf";
import { PubsubMessageSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { eventContent } from "../push/push-request.ts";
import { publishTimeOf } from "../push/pushed-body.ts";
import { type EventRecord, outcomeOf } from "./event-record.ts";
import type { RecordedAttempt } from "./record-chunk.ts";

/** An event as the API shows it. */
export interface EventJson {
  /** projects/P/subscriptions/S/events/MESSAGE_ID */
  readonly name: string;
  readonly messageId: string;
  readonly subscription: string;
  readonly publishTime?: string;
  /** The CloudEvent that the message is for its endpoint, where it is one. */
  readonly event?: { readonly type?: string; readonly source?: string; readonly subject?: string };
  /** How the last attempt ended. */
  readonly outcome: string;
  /** Oldest first. */
  readonly attempts: readonly AttemptJson[];
  /** Only where one event is asked for. */
  readonly message?: JsonValue;
}

export interface AttemptJson {
  /** Counts from 1; absent for a replay. */
  readonly attempt?: number;
  readonly replay?: true;
  readonly startTime: string;
  /** Seconds: "0.012s". */
  readonly latency: string;
  readonly endpoint: string;
  readonly outcome: string;
  readonly httpStatus?: number;
  readonly detail?: string;
  readonly trace?: string;
  /** Of the Cloud Run revision that got it, where the request log tells; only where one event is asked for. */
  readonly revision?: string;
}

/** An event with its attempts. */
export function eventJson(record: EventRecord): EventJson {
  const { subscription, messageId, message, attempts } = record;
  const event = eventOf(record);
  return {
    name: `${subscription}/events/${messageId}`,
    messageId,
    subscription,
    ...(message !== undefined && { publishTime: publishTimeOf(message) }),
    ...(event !== undefined && { event }),
    outcome: outcomeOf(record),
    attempts: attempts.map(attemptJson),
  };
}

/** The same with the message. */
export function detailedEventJson(record: EventRecord): EventJson {
  const { message } = record;
  return { ...eventJson(record), ...(message !== undefined && { message: toJson(PubsubMessageSchema, message) }) };
}

/** One attempt. */
export function attemptJson(recorded: Omit<RecordedAttempt, "messageId">): AttemptJson {
  const { attempt, startMs, latencyMs, endpoint, outcome, status, detail = "", traceId } = recorded;
  return {
    ...(attempt === 0 ? { replay: true } : { attempt }),
    startTime: new Date(startMs).toISOString(),
    latency: `${latencyMs / 1000}s`,
    endpoint,
    outcome,
    ...(status !== undefined && { httpStatus: status }),
    ...(detail !== "" && { detail }),
    ...(traceId !== undefined && { trace: traceId }),
  };
}

function eventOf({ subscription, message, attempts }: EventRecord): EventJson["event"] {
  const endpoint = attempts.findLast((attempt) => attempt.endpoint !== "")?.endpoint;
  if (message === undefined || endpoint === undefined) return undefined;
  const headers = eventContent(endpoint, { subscription, message, deliveryAttempt: undefined })?.headers ?? {};
  const { "ce-type": type, "ce-source": source, "ce-subject": subject } = headers;
  if (type === undefined) return undefined;
  return { type, ...(source && { source }), ...(subject && { subject }) };
}
