import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createManualClock } from "../../../platform/manual-clock.ts";
import { createUrlSigner } from "./url-signer.ts";
import { verifySignedUrl } from "./verify-signed-url.ts";

interface Vector {
  readonly description: string;
  readonly method: string;
  readonly timestamp: string;
  readonly expiration: number;
  readonly headers?: Record<string, string>;
  readonly expectedUrl: string;
  readonly expectedCanonicalRequest: string;
}

const file = (name: string) => readFileSync(new URL(`testdata/${name}`, import.meta.url), "utf8");
const { signingV4Tests } = JSON.parse(file("v4_signatures.json")) as { signingV4Tests: Vector[] };
const publicKey = createPublicKey(file("test-key.pub.pem"));

function requestOf(url: string, method: string, headers: Record<string, string> = {}) {
  const { host, pathname, search } = new URL(url);
  // One vector signs a header whose name the Headers class refuses.
  const byName = new Map(Object.entries({ ...headers, host }).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    method,
    path: pathname,
    search: search.slice(1),
    headers: { get: (name: string) => byName.get(name) ?? null },
  };
}

for (const vector of signingV4Tests) {
  test(`vector: ${vector.description}`, async () => {
    const request = requestOf(vector.expectedUrl, vector.method, vector.headers);
    const signedMs = Date.parse(vector.timestamp);
    const verify = (nowMs: number) => verifySignedUrl(request, async () => [publicKey], nowMs);
    const email = "test-iam-credentials@dummy-project-id.iam.gserviceaccount.com";
    assert.deepEqual(await verify(signedMs), { kind: "valid", email });
    const expiredMs = signedMs + vector.expiration * 1000;
    assert.deepEqual(await verify(expiredMs), { kind: "expired", expiredMs });
  });
}

const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const clock = createManualClock();
const signer = createUrlSigner({ id: "1", ...keys }, clock);
const upload = {
  origin: "https://cloudfunctions.googleapis.com",
  email: "agent@example.iam.gserviceaccount.com",
  method: "PUT",
  bucket: "uploads",
  object: "a b/ü.zip",
  expiresSeconds: 60,
  contentType: "application/zip",
  lengthRange: { min: 0, max: 10 },
} as const;

test("a URL of our own verifies by the way the client came, and nothing in it can be changed", async () => {
  const url = await signer.signUrl(upload);
  assert.match(url, /^https:\/\/storage\.googleapis\.com\/uploads\/a%20b\/%C3%BC\.zip\?/);
  const kindOf = async (url: string, method = "PUT", type = "application/zip") => {
    const request = requestOf(url, method, { "content-type": type });
    return (await verifySignedUrl(request, async () => [keys.publicKey], clock.nowMs())).kind;
  };
  assert.equal(await kindOf(url), "valid");
  assert.equal(await kindOf(url, "GET"), "mismatch");
  assert.equal(await kindOf(url, "PUT", "text/plain"), "mismatch");
  assert.equal(await kindOf(url.replace("0%2C10", "0%2C99")), "mismatch");
  assert.equal(await kindOf(url.replace("GOOG4-RSA-SHA256", "GOOG4-HMAC-SHA256")), "malformed");
  assert.match(
    await signer.signUrl({ ...upload, origin: "http://127.0.0.1:8484" }),
    /^http:\/\/127\.0\.0\.1:8484\/uploads\//,
  );
});

test("a signature of an unknown account is none", async () => {
  const request = requestOf(await signer.signUrl(upload), "PUT", { "content-type": "application/zip" });
  assert.equal((await verifySignedUrl(request, async () => [], clock.nowMs())).kind, "mismatch");
});
