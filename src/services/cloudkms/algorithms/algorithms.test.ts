import assert from "node:assert/strict";
import {
  constants,
  createHash,
  createPublicKey,
  encapsulate,
  publicEncrypt,
  verify,
  type VerifyKeyObjectInput,
} from "node:crypto";
import { test } from "node:test";
import {
  CryptoKey_CryptoKeyPurpose as Purpose,
  CryptoKeyVersion_CryptoKeyVersionAlgorithm as Name,
} from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import type { SignAlgorithm } from "./algorithm.ts";
import { algorithmNamed } from "./algorithms.ts";

const MESSAGE = Buffer.from("the message");

/** How OpenSSL verifies what each kind of signature algorithm makes. */
function verification(name: string): Omit<VerifyKeyObjectInput, "key"> {
  if (name.includes("_PSS_"))
    return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return name.startsWith("RSA_SIGN_") ? { padding: constants.RSA_PKCS1_PADDING } : {};
}

for (const name of [
  "RSA_SIGN_PSS_2048_SHA256",
  "RSA_SIGN_PSS_4096_SHA512",
  "RSA_SIGN_PKCS1_3072_SHA256",
  "RSA_SIGN_PKCS1_4096_SHA512",
  "EC_SIGN_P256_SHA256",
  "EC_SIGN_P384_SHA384",
  "EC_SIGN_SECP256K1_SHA256",
  "EC_SIGN_ED25519",
  "PQ_SIGN_ML_DSA_44",
  "PQ_SIGN_ML_DSA_65",
  "PQ_SIGN_ML_DSA_87",
  "PQ_SIGN_SLH_DSA_SHA2_128S",
] as const) {
  test(`OpenSSL verifies what ${name} signs`, async () => {
    const algorithm = algorithmNamed(Name[name]) as SignAlgorithm;
    const material = await algorithm.generate();
    assert.ok(algorithm.accepts(material));
    const { digest } = algorithm;
    const message = digest ? createHash(digest).update(MESSAGE).digest() : MESSAGE;
    const signature = algorithm.sign(material, message);
    const key = createPublicKey({ key: algorithm.publicKey!(material).der, format: "der", type: "spki" });
    const isGood = (data: Buffer) => verify(digest ?? null, data, { key, ...verification(name) }, signature);
    assert.ok(isGood(MESSAGE));
    assert.ok(!isGood(Buffer.from("another message")));
  });
}

test("raw PKCS #1 signs a DigestInfo that the caller made", async () => {
  const algorithm = algorithmNamed(Name.RSA_SIGN_RAW_PKCS1_2048) as SignAlgorithm;
  const material = await algorithm.generate();
  const prefix = Buffer.from("3031300d060960864801650304020105000420", "hex");
  const signature = algorithm.sign(material, Buffer.concat([prefix, createHash("sha256").update(MESSAGE).digest()]));
  const key = createPublicKey({ key: algorithm.publicKey!(material).der, format: "der", type: "spki" });
  assert.ok(verify("sha256", MESSAGE, key, signature));
});

test("an RSA key decrypts what its public key encrypted, and nothing else", async () => {
  const algorithm = algorithmNamed(Name.RSA_DECRYPT_OAEP_2048_SHA256)!;
  assert.ok(algorithm.purpose === Purpose.ASYMMETRIC_DECRYPT);
  const material = await algorithm.generate();
  const key = createPublicKey({ key: algorithm.publicKey!(material).der, format: "der", type: "spki" });
  const ciphertext = publicEncrypt({ key, oaepHash: "sha256" }, MESSAGE);
  assert.deepEqual(algorithm.decrypt(material, ciphertext), MESSAGE);
  ciphertext[5]! ^= 1;
  assert.throws(() => algorithm.decrypt(material, ciphertext));
});

test("both sides of an encapsulation share one secret", async () => {
  for (const [name, bytes] of [
    [Name.ML_KEM_768, 1184],
    [Name.ML_KEM_1024, 1568],
  ] as const) {
    const algorithm = algorithmNamed(name)!;
    assert.ok(algorithm.purpose === Purpose.KEY_ENCAPSULATION);
    const material = await algorithm.generate();
    const { der, raw } = algorithm.publicKey!(material);
    assert.equal(raw!.length, bytes);
    const { ciphertext, sharedKey } = encapsulate(createPublicKey({ key: der, format: "der", type: "spki" }));
    assert.deepEqual(algorithm.decapsulate(material, ciphertext), Buffer.from(sharedKey));
  }
});

test("material of another kind or size is not accepted", async () => {
  const names = [Name.AES_256_GCM, Name.RSA_SIGN_PSS_2048_SHA256, Name.EC_SIGN_P256_SHA256, Name.EC_SIGN_ED25519];
  const materials = await Promise.all(names.map((name) => algorithmNamed(name)!.generate()));
  for (const [row, name] of names.entries())
    for (const [column, material] of materials.entries())
      assert.equal(algorithmNamed(name)!.accepts(material), row === column, `${Name[name]} ${column}`);
});
