import assert from "node:assert/strict";
import { createCipheriv, createPublicKey, publicEncrypt, randomBytes, verify } from "node:crypto";
import { test } from "node:test";
import { bootApi } from "../../../tests/support/boot-api.ts";
import { until } from "../../../tests/support/until.ts";
import { crc32c } from "../../platform/crc32c.ts";
import { createManualClock } from "../../platform/manual-clock.ts";
import { sealOf } from "../../platform/seal.ts";
import { cloudkms } from "./module.ts";

type Json = Record<string, unknown>;

const RING = "projects/demo/locations/us-central1/keyRings/ring";
const DAY_MS = 24 * 3600 * 1000;
const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString("base64");
const bytesOf = (value: unknown) => Buffer.from(String(value), "base64");

async function boot() {
  const clock = createManualClock();
  const seal = sealOf(randomBytes(32));
  const api = await bootApi((deps) => [cloudkms({ ...deps, seal })], { clock });
  const call = async (method: string, path: string, body?: Json, status = 200): Promise<Json> => {
    const answer = await api.json(method, `/v1/${path}`, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  await call("POST", `${RING.replace("/ring", "")}?keyRingId=ring`, {});
  /** Creates a key and waits until its first version can be used. */
  const createKey = async (id: string, body: Json) => {
    const key = await call("POST", `${RING}/cryptoKeys?cryptoKeyId=${id}`, body);
    const version = `${RING}/cryptoKeys/${id}/cryptoKeyVersions/1`;
    await until(async () => (await call("GET", version))["state"] === "ENABLED");
    return key;
  };
  const messageOf = (body: Json) => (body["error"] as { message: string }).message;
  return { api, clock, call, createKey, messageOf };
}

const SYMMETRIC = { purpose: "ENCRYPT_DECRYPT" };
const KEY = `${RING}/cryptoKeys/key`;
const VERSION = (number: number) => `${KEY}/cryptoKeyVersions/${number}`;

test("what a key encrypts it decrypts, with additional data, checksums and whichever version it was", async () => {
  const { api, call, createKey, messageOf } = await boot();
  await using _ = api;
  const key = await createKey("key", SYMMETRIC);
  assert.equal(key["destroyScheduledDuration"], "2592000s");
  assert.deepEqual(key["versionTemplate"], { protectionLevel: "SOFTWARE", algorithm: "GOOGLE_SYMMETRIC_ENCRYPTION" });
  const plaintext = Buffer.from("secret");
  const request = { plaintext: base64(plaintext), additionalAuthenticatedData: base64("context") };
  const plaintextCrc32c = String(crc32c(plaintext));
  const first = await call("POST", `${KEY}:encrypt`, { ...request, plaintextCrc32c });
  assert.deepEqual([first["name"], first["verifiedPlaintextCrc32c"]], [VERSION(1), true]);
  assert.equal(Number(first["ciphertextCrc32c"]), crc32c(bytesOf(first["ciphertext"])));
  const wrong = await call("POST", `${KEY}:encrypt`, { ...request, plaintextCrc32c: "1" }, 400);
  assert.match(messageOf(wrong), /plaintext_crc32c did not match/);

  await call("POST", `${KEY}/cryptoKeyVersions`, {});
  await call("POST", `${KEY}:updatePrimaryVersion`, { cryptoKeyVersionId: "2" });
  const second = await call("POST", `${KEY}:encrypt`, request);
  assert.equal(second["name"], VERSION(2));
  for (const [{ ciphertext }, usedPrimary] of [
    [first, undefined],
    [second, true],
  ] as const) {
    const opened = await call("POST", `${KEY}:decrypt`, {
      ciphertext,
      additionalAuthenticatedData: request.additionalAuthenticatedData,
    });
    assert.deepEqual(bytesOf(opened["plaintext"]), plaintext);
    assert.equal(opened["usedPrimary"], usedPrimary);
  }
  const failure = "Decryption failed: verify that 'name' refers to the correct CryptoKey.";
  const withoutContext = await call("POST", `${KEY}:decrypt`, { ciphertext: first["ciphertext"] }, 400);
  assert.equal(messageOf(withoutContext), failure);
  await createKey("other", SYMMETRIC);
  const elsewhere = { ciphertext: first["ciphertext"], additionalAuthenticatedData: base64("context") };
  assert.equal(messageOf(await call("POST", `${RING}/cryptoKeys/other:decrypt`, elsewhere, 400)), failure);
});

test("versions are disabled, scheduled for destruction, restored, and destroyed when their time is over", async () => {
  const { api, clock, call, createKey, messageOf } = await boot();
  await using _ = api;
  await createKey("key", { ...SYMMETRIC, destroyScheduledDuration: "86400s" });
  const { ciphertext } = await call("POST", `${KEY}:encrypt`, { plaintext: base64("x") });
  const decrypt = (status?: number) => call("POST", `${KEY}:decrypt`, { ciphertext }, status);
  await call("PATCH", `${VERSION(1)}?updateMask=state`, { state: "DISABLED" });
  const refused = await decrypt(400);
  assert.equal(messageOf(refused), `${VERSION(1)} is not enabled, current state is: DISABLED.`);
  const [detail] = (refused["error"] as { details: Json[] }).details;
  assert.deepEqual(detail!["violations"], [{ type: "KEY_DISABLED", subject: VERSION(1) }]);
  await call("PATCH", `${VERSION(1)}?updateMask=state`, { state: "ENABLED" });
  await decrypt();

  const scheduled = await call("POST", `${VERSION(1)}:destroy`, {});
  assert.deepEqual(
    [scheduled["state"], Date.parse(String(scheduled["destroyTime"]))],
    ["DESTROY_SCHEDULED", clock.nowMs() + DAY_MS],
  );
  await call("POST", `${VERSION(1)}:destroy`, {}, 400);
  assert.equal((await call("POST", `${VERSION(1)}:restore`, {}))["state"], "DISABLED");
  clock.advance(2 * DAY_MS);
  await call("PATCH", `${VERSION(1)}?updateMask=state`, { state: "ENABLED" });
  await decrypt();
  await call("DELETE", VERSION(1), undefined, 400);
  await call("POST", `${VERSION(1)}:destroy`, {});
  clock.advance(DAY_MS);
  await until(async () => (await call("GET", VERSION(1)))["state"] === "DESTROYED");
  assert.equal(messageOf(await decrypt(400)), `${VERSION(1)} is not enabled, current state is: DESTROYED.`);
  await call("POST", `${VERSION(1)}:restore`, {}, 400);
  await call("DELETE", KEY, undefined, 400);
  assert.equal((await call("DELETE", VERSION(1)))["done"], true);
  await call("DELETE", KEY);
  const { retiredResources } = await call("GET", `${RING.split("/keyRings")[0]}/retiredResources`);
  assert.equal((retiredResources as Json[])[0]!["originalResource"], KEY);
  const again = await call("POST", `${RING}/cryptoKeys?cryptoKeyId=key`, SYMMETRIC, 400);
  assert.match(messageOf(again), /cannot be used again/);
});

test("a key rotates at its time, and once for all the times that were missed", async () => {
  const { api, clock, call, createKey } = await boot();
  await using _ = api;
  const nextRotationTime = new Date(clock.nowMs() + DAY_MS).toISOString();
  await createKey("key", { ...SYMMETRIC, rotationPeriod: "86400s", nextRotationTime });
  clock.advance(DAY_MS);
  const primary = async () => ((await call("GET", KEY))["primary"] as Json)["name"];
  await until(async () => (await primary()) === VERSION(2));
  clock.advance(5 * DAY_MS + 1000);
  await until(async () => Date.parse(String((await call("GET", KEY))["nextRotationTime"])) > clock.nowMs());
  const { cryptoKeyVersions } = await call("GET", `${KEY}/cryptoKeyVersions`);
  assert.equal(await primary(), ((cryptoKeyVersions as Json[]).at(-1) as Json)["name"]);
});

test("signatures verify with the public key, and MACs with the key", async () => {
  const { api, call, createKey, messageOf } = await boot();
  await using _ = api;
  await createKey("key", { purpose: "ASYMMETRIC_SIGN", versionTemplate: { algorithm: "EC_SIGN_P256_SHA256" } });
  const { pem, pemCrc32c } = await call("GET", `${VERSION(1)}/publicKey`);
  assert.equal(Number(pemCrc32c), crc32c(Buffer.from(String(pem))));
  const data = Buffer.from("document");
  const { signature } = await call("POST", `${VERSION(1)}:asymmetricSign`, { data: base64(data) });
  assert.ok(verify("sha256", data, createPublicKey(String(pem)), bytesOf(signature)));
  const wrongDigest = { digest: { sha512: base64(Buffer.alloc(64)) } };
  assert.match(messageOf(await call("POST", `${VERSION(1)}:asymmetricSign`, wrongDigest, 400)), /digest by sha256/);
  const purpose = await call("POST", `${KEY}:encrypt`, { plaintext: base64("x") }, 400);
  assert.match(messageOf(purpose), /ASYMMETRIC_SIGN/);

  await createKey("mac", { purpose: "MAC", versionTemplate: { algorithm: "HMAC_SHA256" } });
  const mac = `${RING}/cryptoKeys/mac/cryptoKeyVersions/1`;
  const tag = await call("POST", `${mac}:macSign`, { data: base64(data) });
  const verified = await call("POST", `${mac}:macVerify`, { data: base64(data), mac: tag["mac"] });
  assert.deepEqual([verified["success"], verified["verifiedSuccessIntegrity"]], [true, true]);
  const forged = await call("POST", `${mac}:macVerify`, { data: base64("other"), mac: tag["mac"] });
  assert.equal(forged["success"], undefined);
});

test("raw encryption is plain AES", async () => {
  const { api, call, createKey } = await boot();
  await using _ = api;
  for (const algorithm of ["AES_256_GCM", "AES_128_CBC", "AES_256_CTR"]) {
    const id = algorithm.toLowerCase();
    await createKey(id, { purpose: "RAW_ENCRYPT_DECRYPT", versionTemplate: { algorithm } });
    const version = `${RING}/cryptoKeys/${id}/cryptoKeyVersions/1`;
    const made = await call("POST", `${version}:rawEncrypt`, { plaintext: base64("portable") });
    const { ciphertext, initializationVector, tagLength } = made;
    const opened = await call("POST", `${version}:rawDecrypt`, { ciphertext, initializationVector, tagLength });
    assert.equal(bytesOf(opened["plaintext"]).toString(), "portable");
  }
});

test("key material comes in wrapped for an import job, and is the key then", async () => {
  const { api, clock, call, messageOf } = await boot();
  await using _ = api;
  await call("POST", `${RING}/cryptoKeys?cryptoKeyId=key&skipInitialVersionCreation=true`, {
    ...SYMMETRIC,
    importOnly: true,
  });
  const job = `${RING}/importJobs/job`;
  await call("POST", `${RING}/importJobs?importJobId=job`, {
    importMethod: "RSA_OAEP_3072_SHA256_AES_256",
    protectionLevel: "SOFTWARE",
  });
  await until(async () => (await call("GET", job))["state"] === "ACTIVE");
  const { publicKey } = await call("GET", job);
  const wrap = (material: Buffer) => {
    const ephemeral = randomBytes(32);
    const head = publicEncrypt({ key: String((publicKey as Json)["pem"]), oaepHash: "sha256" }, ephemeral);
    const cipher = createCipheriv("id-aes256-wrap-pad", ephemeral, Buffer.from("A65959A6", "hex"));
    return base64(Buffer.concat([head, cipher.update(material), cipher.final()]));
  };
  const importKey = (material: Buffer, status?: number) =>
    call(
      "POST",
      `${KEY}/cryptoKeyVersions:import`,
      { algorithm: "GOOGLE_SYMMETRIC_ENCRYPTION", importJob: job, wrappedKey: wrap(material) },
      status,
    );
  assert.match(messageOf(await importKey(randomBytes(31), 400)), /form or size/);
  const version = await importKey(randomBytes(32));
  assert.deepEqual([version["name"], version["state"], version["importJob"]], [VERSION(1), "ENABLED", job]);
  await call("POST", `${KEY}:updatePrimaryVersion`, { cryptoKeyVersionId: "1" });
  await call("POST", `${KEY}:encrypt`, { plaintext: base64("x") });
  clock.advance(3 * DAY_MS);
  await until(async () => (await call("GET", job))["state"] === "EXPIRED");
  assert.match(messageOf(await importKey(randomBytes(32), 400)), /is not ACTIVE/);
});

test("bad keys are refused with the field that is wrong, and change nothing", async () => {
  const { api, call, messageOf } = await boot();
  await using _ = api;
  const cases: [Json, RegExp][] = [
    [{}, /purpose/],
    [{ purpose: "MAC" }, /algorithm must be specified/],
    [{ purpose: "MAC", versionTemplate: { algorithm: "AES_256_GCM" } }, /is not for keys with purpose MAC/],
    [{ ...SYMMETRIC, versionTemplate: { protectionLevel: "HSM" } }, /protection_level \(HSM\) is not supported/],
    [{ ...SYMMETRIC, rotationPeriod: "86400s" }, /next_rotation_time must be set/],
    [{ ...SYMMETRIC, rotationPeriod: "60s", nextRotationTime: "2030-01-01T00:00:00Z" }, /at least 24 hours/],
    [{ ...SYMMETRIC, nextRotationTime: "2000-01-01T00:00:00Z" }, /in the future/],
    [{ ...SYMMETRIC, destroyScheduledDuration: "60s" }, /at least 24 hours/],
    [{ ...SYMMETRIC, labels: { "Bad Key": "x" } }, /label/],
    [{ ...SYMMETRIC, cryptoKeyBackend: "x" }, /crypto_key_backend is not supported/],
  ];
  for (const [body, message] of cases)
    assert.match(messageOf(await call("POST", `${RING}/cryptoKeys?cryptoKeyId=bad`, body, 400)), message);
  await call("POST", `${RING}/cryptoKeys?cryptoKeyId=bad!`, SYMMETRIC, 400);
  assert.deepEqual(await call("GET", `${RING}/cryptoKeys`), {});
  const missing = await call("POST", `${KEY}:encrypt`, { plaintext: base64("x") }, 404);
  assert.equal(messageOf(missing), `CryptoKey ${KEY} not found.`);
  const taken = await call("POST", `${RING.replace("/ring", "")}?keyRingId=ring`, {}, 409);
  assert.equal(messageOf(taken), `KeyRing ${RING} already exists.`);
});
