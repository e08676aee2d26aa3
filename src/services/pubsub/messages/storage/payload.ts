import type { BinaryForm } from "../binary-form.ts";

/** Messages that were committed together, as they are stored: each one's length (4 bytes, little-endian) and its bytes. */
export function joinMessages(messages: readonly BinaryForm[], bytes: number): Buffer {
  const payload = Buffer.allocUnsafe(bytes + 4 * messages.length);
  let offset = 0;
  for (const message of messages) {
    payload.writeUInt32LE(message.length, offset);
    message.writeTo(payload, offset + 4);
    offset += 4 + message.length;
  }
  return payload;
}

/** Where each message of a payload begins, and where the last one ends; each beginning is 4 bytes before its bytes. */
export function messageOffsets(payload: Buffer, count: number): Uint32Array {
  const offsets = new Uint32Array(count + 1);
  let offset = 0;
  for (let index = 0; index < count; index++) {
    offsets[index] = offset;
    offset += 4 + payload.readUInt32LE(offset);
  }
  offsets[count] = offset;
  return offsets;
}
