import assert from "node:assert/strict";
import { test } from "node:test";
import { Readable } from "node:stream";
import { digestOf } from "../digest.ts";
import type { RegistryStorage } from "./storage.ts";

export interface StorageSuite {
  /** A storage over whatever `open` was given before: called again, it must find everything again. */
  open(): Promise<RegistryStorage>;
}

const A = "demo/repo/a";
const B = "demo/repo/b/deeper";

/** Registers the tests that every RegistryStorage has to pass; `make` prepares an empty place for each of them. */
export function registryStorageSuite(name: string, make: () => Promise<StorageSuite & AsyncDisposable>): void {
  const each = (what: string, body: (suite: StorageSuite) => Promise<void>): void => {
    void test(`${name}: ${what}`, async () => {
      await using suite = await make();
      await body(suite);
    });
  };
  each("blobs are stored only under their own digest, per repository", blobs);
  each("a mounted blob outlives the one it came from", mounts);
  each("uploads grow, survive a reopening and become blobs", uploads);
  each("an upload keeps what came before it broke off", brokenUpload);
  each("manifests, tags and referrers are kept together", manifests);
  each("tags are listed in byte order, page by page", tagPages);
}

async function blobs({ open }: StorageSuite): Promise<void> {
  const storage = await open();
  const [content, digest] = blob("hello");
  assert.equal(await storage.repositoryExists(A), false);
  assert.equal(await storage.putBlob(A, digest, stream("other")), false);
  assert.equal(await storage.blobSize(A, digest), undefined);
  assert.equal(await storage.putBlob(A, digest, stream(content)), true);
  assert.equal(await storage.putBlob(A, digest, stream(content)), true);
  assert.equal(await storage.blobSize(A, digest), 5);
  assert.equal(await storage.blobSize(B, digest), undefined);
  const again = await open();
  assert.equal(await again.repositoryExists(A), true);
  assert.equal(await text(await again.openBlob(A, digest)), "hello");
  assert.equal(await text(await again.openBlob(A, digest, { start: 1, end: 3 })), "ell");
  assert.equal(await again.deleteBlob(A, digest), true);
  assert.equal(await again.deleteBlob(A, digest), false);
  const [, empty] = blob("", "sha512");
  assert.equal(await again.putBlob(A, empty, stream("")), true);
  assert.equal(await again.blobSize(A, empty), 0);
}

async function mounts({ open }: StorageSuite): Promise<void> {
  const storage = await open();
  const [content, digest] = blob("layer", "sha512");
  assert.equal(await storage.mountBlob(A, digest, B), false);
  await storage.putBlob(A, digest, stream(content));
  assert.equal(await storage.mountBlob(A, digest, B), true);
  await storage.deleteBlob(A, digest);
  assert.equal(await storage.blobSize(A, digest), undefined);
  assert.equal(await text(await storage.openBlob(B, digest)), "layer");
}

async function uploads({ open }: StorageSuite): Promise<void> {
  const storage = await open();
  const [, digest] = blob("first second");
  await storage.createUpload(A, "u1");
  assert.equal(await storage.uploadSize(A, "u1"), 0);
  assert.equal(await storage.uploadSize(A, "other"), undefined);
  assert.equal(await storage.uploadSize(B, "u1"), undefined);
  assert.equal(await storage.appendUpload(A, "u1", 0, stream("first ")), 6);
  const again = await open();
  assert.equal(await again.uploadSize(A, "u1"), 6);
  assert.equal(await again.appendUpload(A, "u1", 6, stream("second")), 12);
  assert.equal(await again.commitUpload(A, "u1", digest), true);
  assert.equal(await again.uploadSize(A, "u1"), undefined);
  assert.equal(await text(await again.openBlob(A, digest)), "first second");
  await again.createUpload(A, "u2");
  await again.appendUpload(A, "u2", 0, stream("not that"));
  assert.equal(await again.commitUpload(A, "u2", digest), false);
  assert.equal(await again.uploadSize(A, "u2"), undefined);
  await again.createUpload(A, "u3");
  assert.equal(await again.deleteUpload(A, "u3"), true);
  assert.equal(await again.deleteUpload(A, "u3"), false);
}

async function brokenUpload({ open }: StorageSuite): Promise<void> {
  const storage = await open();
  await storage.createUpload(A, "u1");
  const broken = async function* (): AsyncIterable<Uint8Array> {
    yield Buffer.from("half");
    throw new Error("connection lost");
  };
  await assert.rejects(storage.appendUpload(A, "u1", 0, broken()), /connection lost/);
  const size = (await storage.uploadSize(A, "u1"))!;
  assert.ok(size === 0 || size === 4);
  const rest = "halffull".slice(size);
  assert.equal(await storage.appendUpload(A, "u1", size, stream(rest)), 8);
  assert.equal(await storage.commitUpload(A, "u1", digestOf("halffull")), true);
}

async function manifests({ open }: StorageSuite): Promise<void> {
  const storage = await open();
  const subject = digestOf("subject");
  const manifest = {
    digest: digestOf("{}"),
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    content: Buffer.from("{}"),
    subject,
    artifactType: "application/x",
    annotations: { a: "b" },
  };
  await storage.putManifest(A, manifest, ["v1", "latest"]);
  await storage.putManifest(A, manifest, ["v1"]);
  const again = await open();
  const found = await again.getManifest(A, manifest.digest);
  assert.deepEqual({ ...found, content: Buffer.from(found!.content) }, manifest);
  assert.equal(await again.getManifest(B, manifest.digest), undefined);
  assert.equal(await again.resolveTag(A, "v1"), manifest.digest);
  assert.equal(await again.resolveTag(A, "v2"), undefined);
  assert.deepEqual(
    (await again.listReferrers(A, subject)).map(({ digest }) => digest),
    [manifest.digest],
  );
  assert.deepEqual(await again.listReferrers(A, manifest.digest), []);
  assert.equal(await again.deleteTag(A, "v1"), true);
  assert.equal(await again.deleteTag(A, "v1"), false);
  assert.equal(await again.deleteManifest(A, manifest.digest), true);
  assert.equal(await again.deleteManifest(A, manifest.digest), false);
  assert.equal(await again.resolveTag(A, "latest"), undefined);
  assert.deepEqual(await again.listReferrers(A, subject), []);
}

async function tagPages({ open }: StorageSuite): Promise<void> {
  const storage = await open();
  const manifest = { digest: digestOf("m"), mediaType: "application/x", content: Buffer.from("m") };
  await storage.putManifest(A, manifest, ["b", "a", "B", "a.1", "_x"]);
  assert.deepEqual(await storage.listTags(A, { limit: 10 }), ["B", "_x", "a", "a.1", "b"]);
  assert.deepEqual(await storage.listTags(A, { limit: 2, after: "_x" }), ["a", "a.1"]);
  assert.deepEqual(await storage.listTags(A, { limit: 2, after: "zz" }), []);
  assert.deepEqual(await storage.listTags(B, { limit: 2 }), []);
}

function blob(content: string, algorithm: "sha256" | "sha512" = "sha256"): [string, string] {
  return [content, digestOf(content, algorithm)];
}

function stream(content: string): Readable {
  return Readable.from(content === "" ? [] : [Buffer.from(content)]);
}

async function text(content: Readable): Promise<string> {
  return Buffer.concat(await Array.fromAsync(content as AsyncIterable<Buffer>)).toString();
}
