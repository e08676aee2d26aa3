import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const CIPHER = "aes-256-gcm";
const [FORMAT, VERSION_ID_BYTES, NONCE_BYTES, TAG_BYTES] = [1, 16, 12, 16];
const HEAD_BYTES = 1 + VERSION_ID_BYTES;

/**
 * Encrypts with AES-256-GCM. The ciphertext begins with a format byte and the version's id (16 bytes), so that it tells
 * which version of its key opens it, and both are authenticated with `aad`.
 */
export function encryptSymmetric(key: Buffer, versionId: Buffer, plaintext: Uint8Array, aad: Uint8Array): Buffer {
  const head = Buffer.concat([Buffer.from([FORMAT]), versionId]);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.concat([head, aad]));
  return Buffer.concat([head, nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The id of the version that a ciphertext was made with; undefined when it is not of this format. */
export function versionIdOf(ciphertext: Uint8Array): Buffer | undefined {
  if (ciphertext.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES || ciphertext[0] !== FORMAT) return undefined;
  return Buffer.from(ciphertext.subarray(1, HEAD_BYTES));
}

/** Decrypts what encryptSymmetric made; throws when anything of it, or `aad`, is different. */
export function decryptSymmetric(key: Buffer, ciphertext: Uint8Array, aad: Uint8Array): Buffer {
  const [head, nonce] = [ciphertext.subarray(0, HEAD_BYTES), ciphertext.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES)];
  const decipher = createDecipheriv(CIPHER, key, nonce)
    .setAAD(Buffer.concat([head, aad]))
    .setAuthTag(ciphertext.subarray(-TAG_BYTES));
  const body = ciphertext.subarray(HEAD_BYTES + NONCE_BYTES, -TAG_BYTES);
  return Buffer.concat([decipher.update(body), decipher.final()]);
}
