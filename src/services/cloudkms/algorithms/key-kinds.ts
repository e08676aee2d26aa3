import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { KeyKind } from "./algorithm.ts";

const generatePair = promisify(generateKeyPair);
const PKCS8 = { format: "der", type: "pkcs8" } as const;

/** Keys that are so many random bytes. */
export function secretKey(bytes: number): KeyKind {
  return { generate: async () => randomBytes(bytes), accepts: (material) => material.length === bytes };
}

/** RSA keys with a modulus of `bits`. */
export function rsaKey(bits: number): KeyKind {
  return {
    generate: async () => exported(await generatePair("rsa", { modulusLength: bits })),
    accepts: (material) => opens(material, (key) => key.asymmetricKeyDetails?.modulusLength === bits, "rsa"),
    publicKey: publicKeyOf,
  };
}

/** Keys on a curve, by OpenSSL's name. */
export function curveKey(namedCurve: "prime256v1" | "secp384r1" | "secp256k1"): KeyKind {
  return {
    generate: async () => exported(await generatePair("ec", { namedCurve })),
    accepts: (material) => opens(material, (key) => key.asymmetricKeyDetails?.namedCurve === namedCurve, "ec"),
    publicKey: publicKeyOf,
  };
}

/** Ed25519 keys. */
export const ed25519Key: KeyKind = {
  generate: async () => exported(await generatePair("ed25519", {})),
  accepts: (material) => opens(material, () => true, "ed25519"),
  publicKey: publicKeyOf,
};

export type PostQuantumType =
  | "ml-dsa-44"
  | "ml-dsa-65"
  | "ml-dsa-87"
  | "slh-dsa-sha2-128s"
  | "ml-kem-768"
  | "ml-kem-1024";

/** Keys of NIST's post-quantum standards; `publicKeyBytes` is the size that the standard gives the bare public key. */
export function postQuantumKey(type: PostQuantumType, publicKeyBytes: number): KeyKind {
  return {
    generate: async () => exported(await generatePair(type as never, {})),
    accepts: (material) => opens(material, () => true, type),
    publicKey(material) {
      const { der } = publicKeyOf(material);
      return { der, raw: der.subarray(-publicKeyBytes) };
    },
  };
}

/** The private key in PKCS#8 DER. */
export function privateKeyOf(material: Buffer): KeyObject {
  return createPrivateKey({ key: material, ...PKCS8 });
}

function exported({ privateKey }: { readonly privateKey: KeyObject }): Buffer {
  return privateKey.export(PKCS8);
}

function publicKeyOf(material: Buffer) {
  return { der: createPublicKey(privateKeyOf(material)).export({ format: "der", type: "spki" }) };
}

function opens(material: Buffer, fits: (key: KeyObject) => boolean, type: string): boolean {
  try {
    const key = privateKeyOf(material);
    return (key.asymmetricKeyType as string | undefined) === type && fits(key);
  } catch {
    return false;
  }
}
