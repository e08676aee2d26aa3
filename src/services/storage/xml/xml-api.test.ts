import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { bootApi } from "../../../../tests/support/boot-api.ts";
import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { createManualClock } from "../../../platform/manual-clock.ts";
import { createUrlSigner } from "../../../wire/credentials/signed-urls/url-signer.ts";
import { storage } from "../module.ts";

const SIGNER = "agent@example.iam.gserviceaccount.com";
const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });

async function boot() {
  const clock = createManualClock();
  const api = await bootApi((deps) => [storage({ ...deps, publicKeysOf: async () => [keys.publicKey] })], { clock });
  const client = api.api.deps.clients.of(Storage, { kind: "owner" });
  await client.createBucket({ parent: "projects/demo", bucketId: "uploads" });
  const bindings = [{ role: "roles/storage.objectAdmin", members: [`serviceAccount:${SIGNER}`] }];
  await client.setIamPolicy({ resource: "projects/_/buckets/uploads", policy: { bindings } });
  const signer = createUrlSigner({ id: "1", ...keys }, clock);
  const sign = (options: object = {}) =>
    signer.signUrl({
      origin: api.url,
      email: SIGNER,
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

test("a page that is an object has an origin of its own in a browser, whatever way it is read", async () => {
  const { api, client, sign } = await boot();
  await using _ = api;
  const page = { bucket: "uploads", object: "page.html", contentType: "text/html" };
  await fetch(await sign(page), { method: "PUT", headers: { "content-type": "text/html" }, body: "<script></script>" });
  await client.getObject({ bucket: "projects/_/buckets/uploads", object: "page.html" });
  for (const path of ["/uploads/page.html", "/storage/v1/b/uploads/o/page.html?alt=media"]) {
    const response = await fetch(api.url + path);
    assert.equal(response.headers.get("content-type"), "text/html");
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.match(policy, /^sandbox /);
    assert.doesNotMatch(policy, /allow-same-origin/);
    await response.text();
  }
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

test("buckets are made, listed page by page and deleted", async () => {
  const { api } = await boot();
  await using _ = api;
  const headers = { "x-goog-project-id": "demo" };
  const body = "<CreateBucketConfiguration><LocationConstraint>EU</LocationConstraint></CreateBucketConfiguration>";
  assert.equal((await fetch(`${api.url}/by-xml`, { method: "PUT", headers, body })).status, 200);
  for (const name of ["a", "b/1", "b/2", "c&d"])
    await fetch(`${api.url}/by-xml/${name}`, { method: "PUT", body: name });
  const list = async (query: string) => (await fetch(`${api.url}/by-xml?${query}`)).text();
  const first = await list("delimiter=/&max-keys=2");
  assert.match(first, /<Key>a<\/Key>.*<CommonPrefixes><Prefix>b\/<\/Prefix>/);
  assert.match(first, /<IsTruncated>true<\/IsTruncated><NextMarker>b\/<\/NextMarker>/);
  assert.match(await list("delimiter=/&marker=b/"), /<IsTruncated>false<.*<Key>c&amp;d<\/Key>/);
  const second = await list("list-type=2&max-keys=3");
  const token = /<NextContinuationToken>(.*)<\/NextContinuationToken>/.exec(second)![1]!;
  assert.match(await list(`list-type=2&continuation-token=${token}`), /<KeyCount>1<.*<Key>c&amp;d</);
  assert.equal((await fetch(`${api.url}/by-xml`, { method: "DELETE" })).status, 409);
  assert.equal((await fetch(`${api.url}/by-xml`, { method: "HEAD" })).headers.get("x-goog-bucket-location"), "EU");
});

test("a signed POST starts a resumable upload that needs no further signature", async () => {
  const { api, sign } = await boot();
  await using _ = api;
  const headers = { "x-goog-resumable": "start" };
  const url = await sign({ method: "POST", headers, contentType: "text/plain" });
  const start = await fetch(url, { method: "POST", headers: { ...headers, "content-type": "text/plain" } });
  assert.equal(start.status, 201);
  const location = start.headers.get("location")!;
  const send = (range: string, body: string) =>
    fetch(location, { method: "PUT", headers: { "content-range": range }, body });
  assert.equal((await send("bytes 0-2/*", "abc")).headers.get("range"), "bytes=0-2");
  assert.equal((await send("bytes 3-5/6", "def")).status, 200);
  const object = await fetch(`${api.url}/uploads/a%20b/source.zip`);
  assert.deepEqual([object.headers.get("content-type"), await object.text()], ["text/plain", "abcdef"]);
});

test("browsers get what a bucket's CORS configuration says, and the JSON API open", async () => {
  const { api } = await boot();
  await using _ = api;
  const cors = [
    { origin: ["https://app.example"], method: ["GET", "PUT"], responseHeader: ["x-goog-hash"], maxAgeSeconds: 60 },
  ];
  await api.json("PATCH", "/storage/v1/b/uploads", { cors });
  await fetch(`${api.url}/uploads/x`, { method: "PUT", body: "x" });
  const preflight = (path: string, origin: string) =>
    fetch(`${api.url}${path}`, { method: "OPTIONS", headers: { origin, "access-control-request-method": "PUT" } });
  const allowed = await preflight("/uploads/x", "https://app.example");
  assert.equal(allowed.headers.get("access-control-allow-origin"), "https://app.example");
  assert.equal(allowed.headers.get("access-control-allow-methods"), "GET,PUT");
  const other = await preflight("/uploads/x", "https://other.example");
  assert.equal(other.headers.get("access-control-allow-origin"), null);
  const read = await fetch(`${api.url}/uploads/x`, { headers: { origin: "https://app.example" } });
  assert.equal(read.headers.get("access-control-expose-headers"), "x-goog-hash");
  const json = await preflight("/storage/v1/b/uploads/o/x", "https://other.example");
  assert.equal(json.headers.get("access-control-allow-origin"), "*");
});
