import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import type {
  StreamingPullRequest,
  StreamingPullResponseSchema,
  Subscription,
} from "../../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Deps } from "../../deps.ts";
import type { AckOutcome, Deliveries, LeasedMessage } from "../engine.ts";
import { malformedAckId, streamEnded } from "../errors.ts";
import { RESPONSE_BYTES, RESPONSE_MESSAGES, STREAM_LIFE_MS } from "../limits.ts";
import { pullSubscription } from "../pull-subscription.ts";
import { streamResponse } from "../received.ts";
import { createOutbox } from "./outbox.ts";
import { checkLaterRequest, isPing, modificationsOf, type StreamOpening } from "./stream-requests.ts";

type Response = MessageInitShape<typeof StreamingPullResponseSchema>;
type Plain = Exclude<Response, Message>;

/** One stream: requests come in at any time; messages are leased only when the client takes what it was sent. */
export async function* pullStream(
  deps: Deps,
  opening: StreamOpening,
  requests: StreamRequests,
  signal: AbortSignal,
): AsyncIterable<Response> {
  const { subscription: name } = opening;
  const deliveries = deps.engine.deliveries(name);
  const outbox = createOutbox<Response>();
  const owner = deps.ids.uuid();
  const over = new AbortController();
  const hangUp = () => outbox.end();
  signal.addEventListener("abort", hangUp, { once: true });
  using _life = deps.clock.after(STREAM_LIFE_MS, () => outbox.end(streamEnded()));
  const settings = { ackDeadlineSeconds: opening.ackDeadlineSeconds };
  const { maxOutstandingMessages, maxOutstandingBytes } = opening;
  let isLeasing = false;

  async function lease(): Promise<void> {
    isLeasing = true;
    try {
      const outstanding = { owner, maxOutstandingMessages, maxOutstandingBytes };
      const size = { maxMessages: RESPONSE_MESSAGES, maxBytes: RESPONSE_BYTES };
      let leased: readonly LeasedMessage[] = [];
      // What was kept no longer may leave nothing of what was leased.
      while (leased.length === 0 && !over.signal.aborted) {
        leased = await deliveries.lease({ ...size, ...outstanding, ...settings }, over.signal);
      }
      const subscription = pullSubscription(deps, name);
      if (leased.length > 0) outbox.put(streamResponse(leased, subscription));
    } catch (error) {
      outbox.end(error);
    } finally {
      isLeasing = false;
    }
  }

  const idle = () => {
    if (!isLeasing) void lease();
  };
  const answer = (response: Plain) => outbox.put({ ...response, ...properties(pullSubscription(deps, name)) });
  void readRequests({
    requests,
    deliveries,
    opening,
    settings,
    answer,
    subscription: () => pullSubscription(deps, name),
  })
    .then(() => outbox.end())
    .catch((error: unknown) => outbox.end(error));
  try {
    yield properties(pullSubscription(deps, name));
    for (let response = await outbox.take(idle); response; response = await outbox.take(idle)) yield response;
  } finally {
    over.abort();
    signal.removeEventListener("abort", hangUp);
    deliveries.release(owner);
  }
}

/** The requests of a stream: the first one, which opened it, and what comes after. */
export interface StreamRequests {
  readonly first: StreamingPullRequest;
  readonly rest: AsyncIterator<StreamingPullRequest>;
}

interface Reading {
  readonly requests: StreamRequests;
  readonly deliveries: Deliveries;
  readonly opening: StreamOpening;
  readonly settings: { ackDeadlineSeconds: number };
  readonly answer: (response: Plain) => void;
  readonly subscription: () => Subscription;
}

/** Does what requests say until the client has no more. */
async function readRequests(reading: Reading): Promise<void> {
  const { requests, settings, opening, answer } = reading;
  await handleAcks(reading, requests.first);
  for (let next = await requests.rest.next(); !next.done; next = await requests.rest.next()) {
    const request = next.value;
    checkLaterRequest(request);
    if (request.streamAckDeadlineSeconds !== 0) settings.ackDeadlineSeconds = request.streamAckDeadlineSeconds;
    if (isPing(request)) {
      if (opening.wantsPongs) answer({});
    } else await handleAcks(reading, request);
  }
}

/** Acknowledges and changes deadlines; with exactly-once delivery the client hears what became of each. */
async function handleAcks(reading: Reading, request: StreamingPullRequest): Promise<void> {
  const { deliveries, answer } = reading;
  const { enableExactlyOnceDelivery: confirms } = reading.subscription();
  for (const [seconds, ackIds] of modificationsOf(request)) {
    const outcomes = await deliveries.modifyAckDeadline(ackIds, seconds);
    if (confirms) answer({ modifyAckDeadlineConfirmation: confirmation(ackIds, outcomes) });
    else refuseMalformed(ackIds, outcomes);
  }
  const { ackIds } = request;
  if (ackIds.length === 0) return;
  const outcomes = await deliveries.acknowledge(ackIds);
  if (confirms) answer({ acknowledgeConfirmation: confirmation(ackIds, outcomes) });
  else refuseMalformed(ackIds, outcomes);
}

function confirmation(ackIds: readonly string[], outcomes: readonly AckOutcome[]) {
  return {
    ackIds: ackIds.filter((_, index) => outcomes[index] === "done"),
    invalidAckIds: ackIds.filter((_, index) => outcomes[index] !== "done"),
  };
}

function refuseMalformed(ackIds: readonly string[], outcomes: readonly AckOutcome[]): void {
  const index = outcomes.indexOf("malformed");
  if (index >= 0) throw malformedAckId(ackIds[index]!);
}

function properties(subscription: Subscription): Plain {
  return {
    subscriptionProperties: {
      exactlyOnceDeliveryEnabled: subscription.enableExactlyOnceDelivery,
      messageOrderingEnabled: subscription.enableMessageOrdering,
    },
  };
}
