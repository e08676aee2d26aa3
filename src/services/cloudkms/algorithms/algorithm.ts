import type { CryptoKey_CryptoKeyPurpose as Purpose } from "../../../gen/google/cloud/kms/v1/resources_pb.js";

/** What every algorithm can do with key material: raw bytes of symmetric keys, PKCS#8 DER of private keys. */
export interface KeyKind {
  /** Makes new material. */
  generate(): Promise<Buffer>;
  /** Whether bytes of unknown origin are material of this kind and size. */
  accepts(material: Buffer): boolean;
  /** SubjectPublicKeyInfo DER and, for post-quantum keys, the bare key of the standard; absent for symmetric keys. */
  publicKey?(material: Buffer): PublicKeyBytes;
}

export interface PublicKeyBytes {
  readonly der: Buffer;
  readonly raw?: Buffer;
}

/** Authenticated encryption whose format is the key store's own. */
export interface EncryptAlgorithm extends KeyKind {
  readonly purpose: Purpose.ENCRYPT_DECRYPT;
}

/** A cipher whose output other programs can read. */
export interface RawAlgorithm extends KeyKind {
  readonly purpose: Purpose.RAW_ENCRYPT_DECRYPT;
  /** OpenSSL's name. */
  readonly cipher: `aes-${128 | 256}-${"gcm" | "cbc" | "ctr"}`;
}

export interface SignAlgorithm extends KeyKind {
  readonly purpose: Purpose.ASYMMETRIC_SIGN;
  /** The digest that a caller may sign instead of the data; undefined: only data is signed, as it is. */
  readonly digest: "sha256" | "sha384" | "sha512" | undefined;
  /** Largest data in bytes; undefined: what every method takes. */
  readonly maxDataBytes?: number;
  /** Signs a digest where there is one, and data elsewhere. */
  sign(material: Buffer, message: Buffer): Buffer;
}

export interface DecryptAlgorithm extends KeyKind {
  readonly purpose: Purpose.ASYMMETRIC_DECRYPT;
  /** Throws when the ciphertext is none of this key. */
  decrypt(material: Buffer, ciphertext: Uint8Array): Buffer;
}

export interface MacAlgorithm extends KeyKind {
  readonly purpose: Purpose.MAC;
  mac(material: Buffer, data: Uint8Array): Buffer;
}

export interface EncapsulationAlgorithm extends KeyKind {
  readonly purpose: Purpose.KEY_ENCAPSULATION;
  /** The shared secret; throws when the ciphertext has another size. */
  decapsulate(material: Buffer, ciphertext: Uint8Array): Buffer;
}

export type Algorithm =
  | EncryptAlgorithm
  | RawAlgorithm
  | SignAlgorithm
  | DecryptAlgorithm
  | MacAlgorithm
  | EncapsulationAlgorithm;
