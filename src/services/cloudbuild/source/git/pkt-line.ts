import { GitError } from "./git-error.ts";

/** One packet of git's wire protocol: content, or one of the marks between parts. Google: git-scm.com/docs/protocol-common. */
export type Packet = Buffer | "flush" | "delimiter" | "end";

/** Text as one packet. */
export function packetOf(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, "0") + text;
}

/** Splits a stream into packets; throws a GitError where it is none. */
export async function* readPackets(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Packet> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    for (let packet = firstPacket(rest); packet; packet = firstPacket(rest)) {
      rest = rest.subarray(packet.length);
      yield packet.packet;
    }
  }
  if (rest.length > 0) throw new GitError("the answer of the repository's server ends early");
}

function firstPacket(buffer: Buffer): { packet: Packet; length: number } | undefined {
  if (buffer.length < 4) return undefined;
  const digits = buffer.toString("latin1", 0, 4);
  if (!/^[0-9a-f]{4}$/i.test(digits)) throw new GitError("the repository's server does not speak git's smart protocol");
  const length = Number.parseInt(digits, 16);
  if (length < 3) return { packet: (["flush", "delimiter", "end"] as const)[length]!, length: 4 };
  if (length === 3 || buffer.length < length) return undefined;
  return { packet: buffer.subarray(4, length), length };
}
