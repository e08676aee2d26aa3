import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { bootApi } from "../../../../tests/support/boot-api.ts";
import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { createManualClock } from "../../../platform/manual-clock.ts";
import { createUrlSigner } from "../../../wire/credentials/signed-urls/url-signer.ts";
import { storage } from "../module.ts";

const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });

async function boot() {
  const clock = createManualClock();
  const api = await bootApi((deps) => [storage({ ...deps, publicKeysOf: async () => [keys.publicKey] })], { clock });
  const client = api.api.deps.clients.of(Storage, { kind: "owner" });
  await client.createBucket({ parent: "projects/demo", bucketId: "uploads" });
  const signer = createUrlSigner({ id: "1", ...keys }, clock);
  const sign = (options: object = {}) =>
    signer.signUrl({
      origin: api.url,
      email: "agent@example.iam.gserviceaccount.com",
      method: "PUT",
      bucket: "uploads",
      object: "a b/source.zip",
      expiresSeconds: 60,
      contentType: "application/zip",
      ...options,
    });
  return { api, client, clock, sign };
}

const zip = { method: "PUT", headers: { "content-type": "application/zip" } };
const codeOf = async (response: Response) => /<Code>(.*)<\/Code>/.exec(await response.text())?.[1];

test("a signed URL takes an upload once it is signed for it, and refuses every other one", async () => {
  const { api, client, clock, sign } = await boot();
  await using _ = api;
  const url = await sign();
  const done = await fetch(url, { ...zip, body: "zipped" });
  assert.equal(done.status, 200);
  assert.match(done.headers.get("x-goog-hash")!, /^crc32c=.*,md5=/);
  const object = await client.getObject({ bucket: "projects/_/buckets/uploads", object: "a b/source.zip" });
  assert.equal(object.contentType, "application/zip");
  assert.equal(object.size, 6n);

  const otherType = await fetch(url, { ...zip, headers: { "content-type": "text/plain" }, body: "x" });
  assert.deepEqual([otherType.status, await codeOf(otherType)], [403, "SignatureDoesNotMatch"]);
  const broken = await fetch(url.slice(0, -2) + "00", { ...zip, body: "x" });
  assert.deepEqual([broken.status, await codeOf(broken)], [403, "SignatureDoesNotMatch"]);
  clock.advance(60_000);
  const late = await fetch(url, { ...zip, body: "x" });
  assert.deepEqual([late.status, await codeOf(late)], [400, "ExpiredToken"]);
});

test("an upload keeps the bounds that its URL carries, also when it does not say its length", async () => {
  const { api, sign } = await boot();
  await using _ = api;
  const url = await sign({ lengthRange: { min: 2, max: 5 } });
  const tooLong = await fetch(url, { ...zip, body: "123456" });
  assert.deepEqual([tooLong.status, await codeOf(tooLong)], [400, "EntityTooLarge"]);
  const body = new Blob(["123456"]).stream();
  const streamed = await fetch(url, { ...zip, body, duplex: "half" });
  assert.deepEqual([streamed.status, await codeOf(streamed)], [400, "EntityTooLarge"]);
  const tooShort = await fetch(url, { ...zip, body: "1" });
  assert.deepEqual([tooShort.status, await codeOf(tooShort)], [400, "EntityTooSmall"]);
  assert.equal((await fetch(url, { ...zip, body: "123" })).status, 200);
});

test("objects are read in ranges, with conditions and decompressed, and their checksums are checked", async () => {
  const { api } = await boot();
  await using _ = api;
  const url = `${api.url}/uploads/log.txt`;
  const put = await fetch(url, { method: "PUT", headers: { "x-goog-meta-who": "me" }, body: "0123456789" });
  const etag = put.headers.get("etag")!;
  const range = await fetch(url, { headers: { range: "bytes=4-6" } });
  assert.deepEqual([range.status, await range.text()], [206, "456"]);
  assert.equal(range.headers.get("content-range"), "bytes 4-6/10");
  assert.equal(range.headers.get("x-goog-meta-who"), "me");
  const behind = await fetch(url, { headers: { range: "bytes=10-" } });
  assert.deepEqual([behind.status, await codeOf(behind)], [416, "InvalidRange"]);
  assert.equal((await fetch(url, { headers: { "if-none-match": etag } })).status, 304);
  assert.equal((await fetch(url, { headers: { "if-match": '"other"' } })).status, 412);
  const head = await fetch(url, { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), "10");

  const wrong = await fetch(url, { method: "PUT", headers: { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" }, body: "x" });
  assert.deepEqual([wrong.status, await codeOf(wrong)], [400, "BadDigest"]);
  assert.equal(await (await fetch(url)).text(), "0123456789");

  await fetch(url, { method: "PUT", headers: { "content-encoding": "gzip" }, body: gzipSync("plain") });
  const plain = await fetch(url, { headers: { "accept-encoding": "identity" } });
  assert.deepEqual([plain.headers.get("content-encoding"), await plain.text()], [null, "plain"]);
  assert.equal((await fetch(url, { method: "DELETE" })).status, 204);
  const gone = await fetch(url);
  assert.deepEqual([gone.status, await codeOf(gone)], [404, "NoSuchKey"]);
  const noBucket = await fetch(`${api.url}/nowhere/x`);
  assert.deepEqual([noBucket.status, await codeOf(noBucket)], [404, "NoSuchBucket"]);
});

test("HMAC and V2 signatures are refused by name", async () => {
  const { api } = await boot();
  await using _ = api;
  const hmac = await fetch(`${api.url}/uploads/x`, { headers: { authorization: "GOOG4-HMAC-SHA256 Credential=x" } });
  assert.match(await hmac.text(), /GOOG4-HMAC-SHA256 is not supported by homerun/);
  const v2 = await fetch(`${api.url}/uploads/x?GoogleAccessId=x&Signature=y&Expires=1`);
  assert.match(await v2.text(), /V2 signing \(GoogleAccessId\) is not supported by homerun/);
});
