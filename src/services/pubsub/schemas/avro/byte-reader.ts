import { InvalidMessage } from "../compiled-schema.ts";

/** Reads from the front of bytes; throws an InvalidMessage where they end too early. */
export interface ByteReader {
  left(): number;
  take(count: number): Uint8Array;
  /** A number in Avro's zig-zag encoding of variable length. */
  takeLong(): bigint;
  /** The same as a length. */
  takeCount(): number;
}

export function createByteReader(data: Uint8Array): ByteReader {
  let position = 0;

  function take(count: number): Uint8Array {
    if (count > data.length - position) throw new InvalidMessage("Too little data to parse for schema.");
    position += count;
    return data.subarray(position - count, position);
  }

  function takeLong(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const [byte] = take(1);
      value |= BigInt(byte! & 0x7f) << shift;
      if (byte! < 0x80) return BigInt.asIntN(64, value & 1n ? -(value >> 1n) - 1n : value >> 1n);
    }
    throw new InvalidMessage("A number has more than 64 bits.");
  }

  return {
    left: () => data.length - position,
    take,
    takeLong,
    takeCount() {
      const count = takeLong();
      if (count < 0n) throw new InvalidMessage("A length is negative.");
      return Number(count);
    },
  };
}
