import { constants, createHmac, decapsulate, privateDecrypt } from "node:crypto";
import { CryptoKey_CryptoKeyPurpose as Purpose } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import type {
  DecryptAlgorithm,
  EncapsulationAlgorithm,
  EncryptAlgorithm,
  MacAlgorithm,
  RawAlgorithm,
} from "./algorithm.ts";
import { postQuantumKey, type PostQuantumType, privateKeyOf, rsaKey, secretKey } from "./key-kinds.ts";

/** GOOGLE_SYMMETRIC_ENCRYPTION: AES-256-GCM. */
export const symmetricEncryption: EncryptAlgorithm = { purpose: Purpose.ENCRYPT_DECRYPT, ...secretKey(32) };

export function rawAes(bits: 128 | 256, mode: "gcm" | "cbc" | "ctr"): RawAlgorithm {
  return { purpose: Purpose.RAW_ENCRYPT_DECRYPT, cipher: `aes-${bits}-${mode}`, ...secretKey(bits / 8) };
}

export function rsaOaep(bits: number, oaepHash: "sha1" | "sha256" | "sha512"): DecryptAlgorithm {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return {
    purpose: Purpose.ASYMMETRIC_DECRYPT,
    ...rsaKey(bits),
    decrypt: (material, ciphertext) =>
      privateDecrypt({ key: privateKeyOf(material), padding, oaepHash }, Buffer.from(ciphertext)),
  };
}

/** New keys are as long as the digest, as Google's are. */
export function hmac(hash: string, keyBytes: number): MacAlgorithm {
  return {
    purpose: Purpose.MAC,
    ...secretKey(keyBytes),
    mac: (material, data) => createHmac(hash, material).update(data).digest(),
  };
}

export function keyEncapsulation(type: PostQuantumType, publicKeyBytes: number): EncapsulationAlgorithm {
  return {
    purpose: Purpose.KEY_ENCAPSULATION,
    ...postQuantumKey(type, publicKeyBytes),
    decapsulate: (material, ciphertext) => decapsulate(privateKeyOf(material), Buffer.from(ciphertext)),
  };
}
