import type { PubsubMessage } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { encodeMessage } from "./encode-message.ts";
import { varint } from "./message-bytes.ts";

/** Tag of PubsubMessage.data: number * 8 + 2. */
const DATA = 0x0a;

/** A message in binary form that is written where it is to be kept, and nowhere else before: most of it is copied once. */
export interface BinaryForm {
  /** Bytes. */
  readonly length: number;
  writeTo(target: Buffer, offset: number): void;
}

/** What a publisher says of a message, as encodeMessage makes it. */
export function binaryFormOf(message: PubsubMessage): BinaryForm {
  const { data, orderingKey, attributes } = message;
  for (const _ in attributes) return bytesForm(encodeMessage(message));
  return orderingKey === "" && data.length > 0 ? dataForm(data) : bytesForm(encodeMessage(message));
}

/** Bytes that are there already. */
export function bytesForm(bytes: Uint8Array): BinaryForm {
  return { length: bytes.length, writeTo: (target, offset) => target.set(bytes, offset) };
}

/** A message that is data and nothing else, as most are. */
function dataForm(data: Uint8Array): BinaryForm {
  const size = varint(data.length);
  return {
    length: 1 + size.length + data.length,
    writeTo(target, offset) {
      target[offset] = DATA;
      target.set(size, offset + 1);
      target.set(data, offset + 1 + size.length);
    },
  };
}
