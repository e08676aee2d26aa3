import { type CipherGCM, createCipheriv, createDecipheriv, type DecipherGCM, randomBytes } from "node:crypto";
import type { RawAlgorithm } from "./algorithm.ts";

/** Length of the authentication tag of AES-GCM, bytes; what it must be when decrypting, too. */
export const TAG_BYTES = 16;

/** Bytes of the initialization vector: 12 for AES-GCM, 16 for the others. */
export function vectorBytes({ cipher }: RawAlgorithm): number {
  return isAuthenticated({ cipher }) ? 12 : 16;
}

/** Whether the mode takes additional data and makes a tag. */
export function isAuthenticated({ cipher }: Pick<RawAlgorithm, "cipher">): boolean {
  return cipher.endsWith("gcm");
}

export interface RawCiphertext {
  /** With the tag at its end where there is one. */
  readonly ciphertext: Buffer;
  readonly vector: Uint8Array;
}

/** Encrypts in a portable format, with `vector` or a fresh random one. */
export function encryptRaw(
  algorithm: RawAlgorithm,
  key: Buffer,
  plaintext: Uint8Array,
  { aad, vector = randomBytes(vectorBytes(algorithm)) }: { readonly aad: Uint8Array; readonly vector?: Uint8Array },
): RawCiphertext {
  const cipher = createCipheriv(algorithm.cipher, key, vector);
  if (!isAuthenticated(algorithm))
    return { ciphertext: Buffer.concat([cipher.update(plaintext), cipher.final()]), vector };
  const authenticated = (cipher as CipherGCM).setAAD(aad);
  const body = [authenticated.update(plaintext), authenticated.final()];
  return { ciphertext: Buffer.concat([...body, authenticated.getAuthTag()]), vector };
}

/** Decrypts what encryptRaw made; throws when something does not fit. */
export function decryptRaw(
  algorithm: RawAlgorithm,
  key: Buffer,
  { ciphertext, vector }: { readonly ciphertext: Uint8Array; readonly vector: Uint8Array },
  aad: Uint8Array,
): Buffer {
  const decipher = createDecipheriv(algorithm.cipher, key, vector);
  if (!isAuthenticated(algorithm)) return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  const authenticated = (decipher as DecipherGCM).setAAD(aad).setAuthTag(ciphertext.subarray(-TAG_BYTES));
  return Buffer.concat([authenticated.update(ciphertext.subarray(0, -TAG_BYTES)), authenticated.final()]);
}
