import type { StreamingPullRequest } from "../../../../gen/google/pubsub/v1/pubsub_pb.js";
import { invalidArgument } from "../../../../wire/errors.ts";
import { checkBounds } from "../../resources/errors.ts";
import { MAX_ACK_DEADLINE_S, MIN_STREAM_ACK_DEADLINE_S } from "../limits.ts";

/** What a stream is opened with. */
export interface StreamOpening {
  readonly subscription: string;
  readonly ackDeadlineSeconds: number;
  /** Infinity: no limit. */
  readonly maxOutstandingMessages: number;
  readonly maxOutstandingBytes: number;
  /** Whether the client expects an answer to requests that only keep the stream alive. */
  readonly wantsPongs: boolean;
}

/** Reads the first request of a stream; rejects with INVALID_ARGUMENT. */
export function openingOf(request: StreamingPullRequest): StreamOpening {
  const { subscription, streamAckDeadlineSeconds: seconds } = request;
  if (subscription === "") throw invalidArgument("The initial request of a stream must name its subscription.");
  checkDeadline(seconds);
  checkModifications(request);
  return {
    subscription,
    ackDeadlineSeconds: seconds,
    maxOutstandingMessages: limitOf(request.maxOutstandingMessages),
    maxOutstandingBytes: limitOf(request.maxOutstandingBytes),
    wantsPongs: request.protocolVersion >= 1n,
  };
}

/** Rejects with INVALID_ARGUMENT what only the first request may say, and what no request may. */
export function checkLaterRequest(request: StreamingPullRequest): void {
  if (request.subscription !== "") throw onlyAtFirst("subscription");
  if (request.clientId !== "") throw onlyAtFirst("client_id");
  if (request.maxOutstandingMessages !== 0n) throw onlyAtFirst("max_outstanding_messages");
  if (request.maxOutstandingBytes !== 0n) throw onlyAtFirst("max_outstanding_bytes");
  if (request.protocolVersion !== 0n) throw onlyAtFirst("protocol_version");
  if (request.streamAckDeadlineSeconds !== 0) checkDeadline(request.streamAckDeadlineSeconds);
  checkModifications(request);
}

/** The ack ids of a request by the deadline they get, seconds. */
export function modificationsOf(request: StreamingPullRequest): ReadonlyMap<number, readonly string[]> {
  const bySeconds = new Map<number, string[]>();
  for (const [index, ackId] of request.modifyDeadlineAckIds.entries()) {
    const seconds = request.modifyDeadlineSeconds[index]!;
    const ackIds = bySeconds.get(seconds);
    if (ackIds) ackIds.push(ackId);
    else bySeconds.set(seconds, [ackId]);
  }
  return bySeconds;
}

/** Whether a request does nothing but keep the stream alive. */
export function isPing({ ackIds, modifyDeadlineAckIds, streamAckDeadlineSeconds }: StreamingPullRequest): boolean {
  return ackIds.length === 0 && modifyDeadlineAckIds.length === 0 && streamAckDeadlineSeconds === 0;
}

function checkDeadline(seconds: number): void {
  checkBounds("stream_ack_deadline_seconds", seconds, { min: MIN_STREAM_ACK_DEADLINE_S, max: MAX_ACK_DEADLINE_S });
}

function checkModifications({ modifyDeadlineAckIds, modifyDeadlineSeconds }: StreamingPullRequest): void {
  if (modifyDeadlineAckIds.length !== modifyDeadlineSeconds.length) {
    throw invalidArgument(
      `The number of modify_deadline_ack_ids (${modifyDeadlineAckIds.length}) and of modify_deadline_seconds (${modifyDeadlineSeconds.length}) must be the same.`,
    );
  }
  for (const seconds of modifyDeadlineSeconds) {
    checkBounds("modify_deadline_seconds", seconds, { min: 0, max: MAX_ACK_DEADLINE_S });
  }
}

function onlyAtFirst(field: string) {
  return invalidArgument(`The field ${field} can only be set on the initial request of a stream.`);
}

function limitOf(given: bigint): number {
  return given > 0n ? Number(given) : Number.POSITIVE_INFINITY;
}
