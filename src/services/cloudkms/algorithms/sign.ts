import { constants, privateEncrypt, sign } from "node:crypto";
import { p256, p384 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { CryptoKey_CryptoKeyPurpose as Purpose } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import type { SignAlgorithm } from "./algorithm.ts";
import { curveKey, ed25519Key, postQuantumKey, type PostQuantumType, privateKeyOf, rsaKey } from "./key-kinds.ts";
import { signPss } from "./pss.ts";

const purpose = Purpose.ASYMMETRIC_SIGN;

/** What stands before a digest in a PKCS #1 v1.5 signature. RFC 8017, section 9.2, notes. */
const DIGEST_INFO = {
  sha256: Buffer.from("3031300d060960864801650304020105000420", "hex"),
  sha512: Buffer.from("3051300d060960864801650304020305000440", "hex"),
} as const;
/** Bytes that PKCS #1 v1.5 needs besides the data. */
const PKCS1_OVERHEAD_BYTES = 11;

export function rsaPss(bits: number, digest: "sha256" | "sha512"): SignAlgorithm {
  return {
    purpose,
    digest,
    ...rsaKey(bits),
    sign: (material, message) => signPss(privateKeyOf(material), digest, message),
  };
}

export function rsaPkcs1(bits: number, digest: "sha256" | "sha512"): SignAlgorithm {
  return {
    purpose,
    digest,
    ...rsaKey(bits),
    sign: (material, message) => signPkcs1(material, Buffer.concat([DIGEST_INFO[digest], message])),
  };
}

/** PKCS #1 v1.5 over what the caller gives, without the prefix that names a digest. */
export function rsaRawPkcs1(bits: number): SignAlgorithm {
  const maxDataBytes = bits / 8 - PKCS1_OVERHEAD_BYTES;
  return { purpose, digest: undefined, maxDataBytes, ...rsaKey(bits), sign: signPkcs1 };
}

const CURVES = {
  prime256v1: { curve: p256, digest: "sha256" },
  secp384r1: { curve: p384, digest: "sha384" },
  secp256k1: { curve: secp256k1, digest: "sha256" },
} as const;

/** ECDSA over a digest that was made elsewhere, which Node.js does not offer; signatures are DER. */
export function ecdsa(namedCurve: keyof typeof CURVES): SignAlgorithm {
  const { curve, digest } = CURVES[namedCurve];
  return {
    purpose,
    digest,
    ...curveKey(namedCurve),
    sign(material, message) {
      const scalar = Buffer.from(privateKeyOf(material).export({ format: "jwk" }).d!, "base64url");
      return Buffer.from(curve.sign(message, scalar, { prehash: false, lowS: false, format: "der" }));
    },
  };
}

export const ed25519: SignAlgorithm = { purpose, digest: undefined, ...ed25519Key, sign: signData };

export function postQuantumSign(type: PostQuantumType, publicKeyBytes: number): SignAlgorithm {
  return { purpose, digest: undefined, ...postQuantumKey(type, publicKeyBytes), sign: signData };
}

function signData(material: Buffer, message: Buffer): Buffer {
  return sign(null, message, privateKeyOf(material));
}

function signPkcs1(material: Buffer, block: Buffer): Buffer {
  return privateEncrypt({ key: privateKeyOf(material), padding: constants.RSA_PKCS1_PADDING }, block);
}
