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
  /** What each stands for; undefined for what was not made for this subscription. */
  read(ackIds: readonly string[]): (AckTarget | undefined)[];
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
    read(ackIds) {
      // One call for all: each costs more than what it does.
      const ids = Buffer.alloc(ID * ackIds.length);
      const blocks = Buffer.alloc(BLOCK * ackIds.length);
      ackIds.forEach((ackId, index) => {
        if (ackId.length !== LENGTH) return;
        ids.write(ackId, ID * index, ID, "base64url");
        ids.copy(blocks, BLOCK * index, ID * index, ID * index + BLOCK);
      });
      const tags = encrypt.update(blocks);
      return ackIds.map((ackId, index) => {
        const [start, tag] = [ID * index, BLOCK * index];
        const isGenuine = ids.compare(tags, tag, tag + TAG, start + BLOCK, start + ID) === 0;
        if (ackId.length !== LENGTH || !isGenuine || ids.readUInt32BE(start + 12) !== position) return undefined;
        return { seq: ids.readUIntBE(start, 6), lease: ids.readUIntBE(start + 6, 6) };
      });
    },
  };
}
