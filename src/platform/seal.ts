import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { writeDurably } from "./write-durably.ts";

/** Keeps small things confidential at rest: AES-256-GCM under one key. */
export interface Seal {
  /** Encrypts; `context` must be the same when it is opened, so that what is sealed for one place cannot be put in another. */
  seal(bytes: Uint8Array, context: string): Buffer;
  /** Decrypts; throws when the bytes or the context are not what was sealed. */
  open(sealed: Uint8Array, context: string): Buffer;
}

const ALGORITHM = "aes-256-gcm";
const [KEY_BYTES, NONCE_BYTES, TAG_BYTES] = [32, 12, 16];

/** Opens the key in a file, making it (mode 0600, durable) on first use. */
export async function openSeal(file: string): Promise<Seal> {
  if (!existsSync(file)) {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeDurably(file, randomBytes(KEY_BYTES).toString("base64"));
  }
  return sealOf(Buffer.from(await readFile(file, "utf8"), "base64"));
}

/** A seal under a key of 32 bytes. */
export function sealOf(key: Uint8Array): Seal {
  return {
    seal(bytes, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(context));
      return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, context) {
      const [nonce, tag] = [sealed.subarray(0, NONCE_BYTES), sealed.subarray(-TAG_BYTES)];
      const decipher = createDecipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(context)).setAuthTag(tag);
      return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    },
  };
}
