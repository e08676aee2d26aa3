import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { writeDurably } from "../../platform/write-durably.ts";

const RSA_BITS = 2048;

/** An RSA key pair of the server. */
export interface SigningKey {
  /** Stable id of the key: the first 40 hex digits of the SHA-256 of its public part. */
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Opens the RSA key in a PEM file, making it (mode 0600, durable) on first use. */
export async function openSigningKey(file: string): Promise<SigningKey> {
  if (!existsSync(file)) await createKeyFile(file);
  return signingKeyOf(createPrivateKey(await readFile(file, "utf8")));
}

/** Makes a new RSA key of 2048 bits. */
export async function generateSigningKey(): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: RSA_BITS });
  return signingKeyOf(privateKey);
}

/** The key pair of a private key. */
export function signingKeyOf(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey);
  const digest = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
  return { id: digest.slice(0, 40), privateKey, publicKey };
}

async function createKeyFile(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const { privateKey } = await generateSigningKey();
  await writeDurably(file, privateKey.export({ type: "pkcs8", format: "pem" }) as string);
}
