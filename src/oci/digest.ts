import { createHash, type Hash } from "node:crypto";

/** The digest algorithms that image-spec registers and homerun computes. */
export type DigestAlgorithm = "sha256" | "sha512";

export interface Digest {
  readonly algorithm: DigestAlgorithm;
  readonly hex: string;
}

const HEX_LENGTH: Readonly<Record<DigestAlgorithm, number>> = { sha256: 64, sha512: 128 };

/** Parses "sha256:HEX" or "sha512:HEX" (lower case, full length); undefined for anything else (image-spec, descriptor.md). */
export function parseDigest(text: string): Digest | undefined {
  const match = /^(sha256|sha512):([a-f0-9]+)$/.exec(text);
  if (!match) return undefined;
  const algorithm = match[1] as DigestAlgorithm;
  const hex = match[2]!;
  return hex.length === HEX_LENGTH[algorithm] ? { algorithm, hex } : undefined;
}

/** The digest of some bytes, "sha256:HEX" unless another algorithm is asked for. */
export function digestOf(bytes: Uint8Array | string, algorithm: DigestAlgorithm = "sha256"): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

/** Whether `bytes` have the digest `expected`; false for a digest that cannot be parsed. */
export function matchesDigest(bytes: Uint8Array, expected: string): boolean {
  const digest = parseDigest(expected);
  return digest !== undefined && digestOf(bytes, digest.algorithm) === expected;
}

/** Thrown when content is not what its digest says. */
export class DigestMismatchError extends Error {
  override readonly name = "DigestMismatchError";
}

/** Passes chunks on and throws DigestMismatchError at the end when they do not add up to `expected`. */
export async function* verifyDigest(chunks: AsyncIterable<Uint8Array>, expected: string): AsyncIterable<Uint8Array> {
  const digest = parseDigest(expected);
  if (!digest) throw new DigestMismatchError(`unsupported digest: ${expected}`);
  const hash = createHash(digest.algorithm);
  yield* hashed(chunks, hash);
  const actual = hash.digest("hex");
  if (actual !== digest.hex) throw new DigestMismatchError(`content of ${expected} has digest ${actual}`);
}

/** Passes chunks on and feeds each of them to `hash`. */
export async function* hashed(chunks: AsyncIterable<Uint8Array>, hash: Hash): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}
