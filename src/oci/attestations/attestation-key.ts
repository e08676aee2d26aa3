import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
} from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { writeDurably } from "../../platform/write-durably.ts";

/** A key that vouches for images: ECDSA on P-256 with SHA-256, what cosign makes and verifies by default. */
export interface AttestationKey {
  /** Name of the key in signatures. */
  readonly id: string;
  /** Base64 of the SHA-256 of the public key's DER: how Sigstore bundles hint at a key. */
  readonly hint: string;
  /** SubjectPublicKeyInfo as PEM, which verifiers need. */
  readonly publicKeyPem: string;
  /** The signature of some bytes in ASN.1 DER. */
  sign(bytes: Uint8Array): Buffer;
}

/**
 * Opens the key in a PEM file, making it (mode 0600, durable) on first use. Its public part is written beside it, with
 * the ending .pub.pem.
 */
export async function openAttestationKey(file: string, id: string): Promise<AttestationKey> {
  if (!existsSync(file)) {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await writeDurably(file, privateKey.export({ type: "pkcs8", format: "pem" }) as string);
  }
  const key = attestationKeyOf(createPrivateKey(await readFile(file, "utf8")), id);
  await writeDurably(file.replace(/(\.pem)?$/, ".pub.pem"), key.publicKeyPem);
  return key;
}

/** The key of a private key on P-256. */
export function attestationKeyOf(privateKey: KeyObject, id: string): AttestationKey {
  const publicKey = createPublicKey(privateKey);
  const der = publicKey.export({ type: "spki", format: "der" });
  return {
    id,
    hint: createHash("sha256").update(der).digest("base64"),
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }) as string,
    sign: (bytes) => signBytes("sha256", bytes, privateKey),
  };
}
