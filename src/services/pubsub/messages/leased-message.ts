import { fromBinary } from "@bufbuild/protobuf";
import { type PubsubMessage, PubsubMessageSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { LeasedMessage } from "./engine.ts";
import { serverFields } from "./message-bytes.ts";

/** Digits of a message's number in its id; what stands before is the number of its log. */
const SEQ_DIGITS = 12;

/** The id of a message: unique on this server. */
export function messageIdOf(log: number, seq: number): string {
  return `${log}${String(seq).padStart(SEQ_DIGITS, "0")}`;
}

/** What a message consists of before anybody looks into it. */
export interface LeasedParts {
  readonly ackId: string;
  readonly deliveryAttempt: number;
  readonly log: number;
  readonly seq: number;
  readonly publishTimeMs: number;
  /** As it was stored. */
  readonly published: Buffer;
}

/** A message that is put together when somebody looks at it. */
export class LazyLeasedMessage implements LeasedMessage {
  readonly ackId: string;
  readonly deliveryAttempt: number;
  /** As it was stored: without what the server adds. */
  readonly published: Buffer;
  /** What the server adds, in binary form. */
  readonly added: Buffer;
  #message: PubsubMessage | undefined;

  constructor({ ackId, deliveryAttempt, log, seq, publishTimeMs, published }: LeasedParts) {
    this.ackId = ackId;
    this.deliveryAttempt = deliveryAttempt;
    this.published = published;
    this.added = serverFields(messageIdOf(log, seq), publishTimeMs);
  }

  get encoded(): Buffer {
    return Buffer.concat([this.published, this.added]);
  }

  get message(): PubsubMessage {
    // Not as a Buffer: its slices are Buffers, which not everything takes for bytes.
    return (this.#message ??= fromBinary(PubsubMessageSchema, new Uint8Array(this.encoded)));
  }
}
