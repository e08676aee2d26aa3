import type { PubsubMessage } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { varint } from "./message-bytes.ts";

/** Tags of length-delimited fields of PubsubMessage: number * 8 + 2. */
const [DATA, ATTRIBUTES, ORDERING_KEY] = [0x0a, 0x12, 0x2a];
const [KEY, VALUE] = [0x0a, 0x12];

/** What a publisher says of a message, in binary form: nothing that only the server may write. */
export function encodeMessage({ data, attributes, orderingKey }: PubsubMessage): Buffer {
  const pieces: Uint8Array[] = [];
  if (data.length > 0) add(pieces, DATA, data);
  for (const key in attributes) {
    const entry: Uint8Array[] = [];
    add(entry, KEY, Buffer.from(key));
    add(entry, VALUE, Buffer.from(attributes[key]!));
    add(pieces, ATTRIBUTES, Buffer.concat(entry));
  }
  if (orderingKey !== "") add(pieces, ORDERING_KEY, Buffer.from(orderingKey));
  return Buffer.concat(pieces);
}

function add(pieces: Uint8Array[], tag: number, bytes: Uint8Array): void {
  pieces.push(Buffer.from([tag, ...varint(bytes.length)]), bytes);
}
