import { createCipheriv } from "node:crypto";

/** What an ack id stands for. */
export interface AckTarget {
  readonly seq: number;
  readonly lease: number;
}

/** Makes and checks the ack ids of one subscription. */
export interface AckIds {
  /** Ids of some leases, in order. */
  make(targets: readonly AckTarget[]): string[];
  /** Undefined for what was not made for this subscription. */
  read(ackId: string): AckTarget | undefined;
}

export const ACK_KEY_BYTES = 32;
const [BLOCK, TAG, ID] = [16, 12, 28];
/** Base64url without padding. */
const LENGTH = 38;

/**
 * Ack ids that nobody else can make: message (48 bits), lease (48 bits) and subscription (32 bits), and 96 bits of that
 * block's AES under a key only the server knows, which is a message authentication code for a single block.
 */
export function createAckIds(key: Uint8Array, position: number): AckIds {
  const encrypt = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  const block = (buffer: Buffer, offset: number, { seq, lease }: AckTarget) => {
    buffer.writeUIntBE(seq, offset, 6);
    buffer.writeUIntBE(lease, offset + 6, 6);
    buffer.writeUInt32BE(position, offset + 12);
  };
  return {
    make(targets) {
      const blocks = Buffer.allocUnsafe(BLOCK * targets.length);
      targets.forEach((target, index) => block(blocks, BLOCK * index, target));
      const tags = encrypt.update(blocks);
      const id = Buffer.allocUnsafe(ID);
      return targets.map((_, index) => {
        id.set(blocks.subarray(BLOCK * index, BLOCK * (index + 1)), 0);
        id.set(tags.subarray(BLOCK * index, BLOCK * index + TAG), BLOCK);
        return id.toString("base64url");
      });
    },
    read(ackId) {
      if (ackId.length !== LENGTH) return undefined;
      const id = Buffer.from(ackId, "base64url");
      if (id.length !== ID || id.readUInt32BE(12) !== position) return undefined;
      const tag = encrypt.update(id.subarray(0, BLOCK)).subarray(0, TAG);
      if (!tag.equals(id.subarray(BLOCK))) return undefined;
      return { seq: id.readUIntBE(0, 6), lease: id.readUIntBE(6, 6) };
    },
  };
}
