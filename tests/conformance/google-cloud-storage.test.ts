import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Storage } from "@google-cloud/storage";
import { storage } from "../../src/services/storage/module.ts";
import type { ServiceModule } from "../../src/wire/service-module.ts";
import { bootApi } from "../support/boot-api.ts";
import { outboxIsEmpty, recordPublishes } from "../support/recorded-publishes.ts";

/** The official client, pointed at a server with Cloud Storage, and others that it asks for. */
async function boot(...others: readonly ServiceModule[]) {
  const api = await bootApi((deps) => [...others, storage({ ...deps, publicKeysOf: async () => [] })]);
  const client = new Storage({ apiEndpoint: api.url, projectId: "demo" });
  const bucket = client.bucket("things");
  await bucket.create({ location: "EU" });
  return { api, client, bucket };
}

type Bucket = Awaited<ReturnType<typeof boot>>["bucket"];

async function contentOf(bucket: Bucket, name: string): Promise<string> {
  const [content] = await bucket.file(name).download();
  return content.toString();
}

test("@google-cloud/storage saves, streams and describes objects, its own checksums agreeing", async () => {
  const { api, bucket } = await boot();
  await using _ = api;
  await bucket.file("a.txt").save("hello", { metadata: { contentType: "text/plain", metadata: { k: "v" } } });
  await bucket.file("b.txt").save("world", { resumable: false, validation: "md5" });
  await bucket.file("gz").save("zipped".repeat(100), { gzip: true });
  assert.equal(await contentOf(bucket, "a.txt"), "hello");
  assert.equal(await contentOf(bucket, "gz"), "zipped".repeat(100));
  const part = await Array.fromAsync(bucket.file("a.txt").createReadStream({ start: 1, end: 3 }));
  assert.equal(Buffer.concat(part).toString(), "ell");
  const [metadata] = await bucket.file("a.txt").getMetadata();
  assert.deepEqual([metadata.contentType, metadata.size, metadata.metadata], ["text/plain", "5", { k: "v" }]);
  await assert.rejects(bucket.file("none").download(), { code: 404 });
  const again = bucket.file("a.txt").save("x", { preconditionOpts: { ifGenerationMatch: 0 } });
  await assert.rejects(again, /412/);
});

test("@google-cloud/storage uploads in chunks and in one piece", async () => {
  const { api, bucket } = await boot();
  await using _ = api;
  using folder = mkdtempDisposableSync(join(tmpdir(), "homerun-storage-"));
  const file = join(folder.path, "big");
  const bytes = randomBytes(3_000_000);
  writeFileSync(file, bytes);
  await bucket.upload(file, { destination: "chunks", resumable: true, chunkSize: 1024 * 1024 });
  await bucket.upload(file, { destination: "dir/whole", resumable: true });
  for (const name of ["chunks", "dir/whole"]) {
    const [content] = await bucket.file(name).download();
    assert.ok(content.equals(bytes));
  }
  const [files] = await bucket.getFiles();
  assert.deepEqual(
    files.map(({ name }) => name),
    ["chunks", "dir/whole"],
  );
});

test("@google-cloud/storage copies, moves, rewrites, combines and deletes", async () => {
  const { api, bucket } = await boot();
  await using _ = api;
  await bucket.file("a").save("1", { metadata: { contentType: "text/plain" } });
  await bucket.file("a").copy(bucket.file("b"));
  await bucket.file("b").move("c");
  await bucket.file("c").moveFileAtomic("d");
  await bucket.file("d").setMetadata({ metadata: { k: "v" } });
  await bucket.file("d").setStorageClass("nearline");
  const [metadata] = await bucket.file("d").getMetadata();
  assert.deepEqual(
    [metadata.storageClass, metadata.contentType, metadata.metadata],
    ["NEARLINE", "text/plain", { k: "v" }],
  );
  await bucket.combine([bucket.file("a"), bucket.file("d")], bucket.file("e"));
  assert.equal(await contentOf(bucket, "e"), "11");
  await bucket.setMetadata({ versioning: { enabled: true } });
  await bucket.file("a").save("2");
  const [versions] = await bucket.getFiles({ versions: true, prefix: "a" });
  assert.equal(versions.length, 2);
  await bucket.deleteFiles({ force: true, versions: true });
  await bucket.delete();
  assert.deepEqual(await bucket.exists(), [false]);
});

test("@google-cloud/storage manages buckets and their IAM policies", async () => {
  const { api, client, bucket } = await boot();
  await using _ = api;
  await bucket.setLabels({ a: "b", c: "d" });
  await bucket.deleteLabels("a");
  assert.deepEqual((await bucket.getLabels())[0], { c: "d" });
  const [policy] = await bucket.iam.getPolicy();
  policy.bindings.push({ role: "roles/storage.objectViewer", members: ["allUsers"] });
  await bucket.iam.setPolicy(policy);
  assert.deepEqual((await bucket.iam.getPolicy())[0].bindings, policy.bindings);
  const [buckets] = await client.getBuckets();
  assert.deepEqual(
    buckets.map(({ name }) => name),
    ["things"],
  );
  assert.match((await client.getServiceAccount())[0].emailAddress!, /@gs-project-accounts\.iam\.gserviceaccount\.com$/);
  await assert.rejects(bucket.file("x").makePublic(), /No such object|acl is not supported by homerun/);
});

test("@google-cloud/storage makes, lists and deletes notifications, and knows who publishes them", async () => {
  const pubsub = recordPublishes();
  const { api, client, bucket } = await boot(pubsub.module);
  await using _ = api;
  const options = { customAttributes: { team: "blue" }, eventTypes: ["OBJECT_FINALIZE"], objectNamePrefix: "in/" };
  const [notification] = await bucket.createNotification("projects/demo/topics/changes", options);
  const [metadata] = await notification.getMetadata();
  assert.equal(metadata.topic, "//pubsub.googleapis.com/projects/demo/topics/changes");
  const [listed] = await bucket.getNotifications();
  assert.deepEqual(
    listed.map(({ id }) => id),
    [notification.id],
  );
  await bucket.file("in/a").save("hello");
  await bucket.file("out").save("hello");
  await outboxIsEmpty(api, "storage_outbox");
  const told = pubsub.take();
  assert.deepEqual(
    told.map(({ attributes }) => [attributes["objectId"], attributes["team"]]),
    [["in/a", "blue"]],
  );
  const [account] = await client.getServiceAccount();
  assert.equal(account.emailAddress, told[0]!.publisher);
  await notification.delete();
  assert.deepEqual(await bucket.getNotifications().then(([left]) => left.length), 0);
  await assert.rejects(bucket.createNotification("projects/demo/topics/missing"), { code: 400 });
});
