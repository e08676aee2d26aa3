import { CryptoKeyVersion_CryptoKeyVersionAlgorithm as Name } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import type { Algorithm } from "./algorithm.ts";
import { hmac, keyEncapsulation, rawAes, rsaOaep, symmetricEncryption } from "./others.ts";
import { ecdsa, ed25519, postQuantumSign, rsaPkcs1, rsaPss, rsaRawPkcs1 } from "./sign.ts";

/** The algorithms that homerun has; sizes of bare post-quantum keys are those of FIPS 203, 204 and 205. */
const ALGORITHMS: Readonly<Partial<Record<Name, Algorithm>>> = {
  [Name.GOOGLE_SYMMETRIC_ENCRYPTION]: symmetricEncryption,
  [Name.AES_128_GCM]: rawAes(128, "gcm"),
  [Name.AES_256_GCM]: rawAes(256, "gcm"),
  [Name.AES_128_CBC]: rawAes(128, "cbc"),
  [Name.AES_256_CBC]: rawAes(256, "cbc"),
  [Name.AES_128_CTR]: rawAes(128, "ctr"),
  [Name.AES_256_CTR]: rawAes(256, "ctr"),
  [Name.RSA_SIGN_PSS_2048_SHA256]: rsaPss(2048, "sha256"),
  [Name.RSA_SIGN_PSS_3072_SHA256]: rsaPss(3072, "sha256"),
  [Name.RSA_SIGN_PSS_4096_SHA256]: rsaPss(4096, "sha256"),
  [Name.RSA_SIGN_PSS_4096_SHA512]: rsaPss(4096, "sha512"),
  [Name.RSA_SIGN_PKCS1_2048_SHA256]: rsaPkcs1(2048, "sha256"),
  [Name.RSA_SIGN_PKCS1_3072_SHA256]: rsaPkcs1(3072, "sha256"),
  [Name.RSA_SIGN_PKCS1_4096_SHA256]: rsaPkcs1(4096, "sha256"),
  [Name.RSA_SIGN_PKCS1_4096_SHA512]: rsaPkcs1(4096, "sha512"),
  [Name.RSA_SIGN_RAW_PKCS1_2048]: rsaRawPkcs1(2048),
  [Name.RSA_SIGN_RAW_PKCS1_3072]: rsaRawPkcs1(3072),
  [Name.RSA_SIGN_RAW_PKCS1_4096]: rsaRawPkcs1(4096),
  [Name.RSA_DECRYPT_OAEP_2048_SHA256]: rsaOaep(2048, "sha256"),
  [Name.RSA_DECRYPT_OAEP_3072_SHA256]: rsaOaep(3072, "sha256"),
  [Name.RSA_DECRYPT_OAEP_4096_SHA256]: rsaOaep(4096, "sha256"),
  [Name.RSA_DECRYPT_OAEP_4096_SHA512]: rsaOaep(4096, "sha512"),
  [Name.RSA_DECRYPT_OAEP_2048_SHA1]: rsaOaep(2048, "sha1"),
  [Name.RSA_DECRYPT_OAEP_3072_SHA1]: rsaOaep(3072, "sha1"),
  [Name.RSA_DECRYPT_OAEP_4096_SHA1]: rsaOaep(4096, "sha1"),
  [Name.EC_SIGN_P256_SHA256]: ecdsa("prime256v1"),
  [Name.EC_SIGN_P384_SHA384]: ecdsa("secp384r1"),
  [Name.EC_SIGN_SECP256K1_SHA256]: ecdsa("secp256k1"),
  [Name.EC_SIGN_ED25519]: ed25519,
  [Name.HMAC_SHA1]: hmac("sha1", 20),
  [Name.HMAC_SHA224]: hmac("sha224", 28),
  [Name.HMAC_SHA256]: hmac("sha256", 32),
  [Name.HMAC_SHA384]: hmac("sha384", 48),
  [Name.HMAC_SHA512]: hmac("sha512", 64),
  [Name.ML_KEM_768]: keyEncapsulation("ml-kem-768", 1184),
  [Name.ML_KEM_1024]: keyEncapsulation("ml-kem-1024", 1568),
  [Name.PQ_SIGN_ML_DSA_44]: postQuantumSign("ml-dsa-44", 1312),
  [Name.PQ_SIGN_ML_DSA_65]: postQuantumSign("ml-dsa-65", 1952),
  [Name.PQ_SIGN_ML_DSA_87]: postQuantumSign("ml-dsa-87", 2592),
  [Name.PQ_SIGN_SLH_DSA_SHA2_128S]: postQuantumSign("slh-dsa-sha2-128s", 32),
};

/** The algorithm of that name; undefined when homerun does not have it. */
export function algorithmNamed(name: Name): Algorithm | undefined {
  return ALGORITHMS[name];
}
