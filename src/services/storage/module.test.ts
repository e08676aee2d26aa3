import assert from "node:assert/strict";
import { test } from "node:test";
import { Storage } from "../../gen/google/storage/v2/storage_pb.js";
import { bootApi } from "../../../tests/support/boot-api.ts";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../wire/errors.ts";
import { storage } from "./module.ts";

const agent = { kind: "serviceAgent", email: "service-1@gcf-admin-robot.iam.gserviceaccount.com" } as const;
const bucket = "projects/_/buckets/sources";

async function boot() {
  const api = await bootApi((deps) => [storage({ ...deps, publicKeysOf: async () => [] })]);
  const client = api.api.deps.clients.of(Storage, agent);
  await client.createBucket({ parent: "projects/_", bucketId: "sources", bucket: { project: "projects/demo" } });
  return { api, client };
}

type Client = Awaited<ReturnType<typeof boot>>["client"];

function write(client: Client, name: string, chunks: readonly Uint8Array[], conditions = {}) {
  async function* requests() {
    let writeOffset = 0n;
    const spec = { resource: { name, bucket, contentType: "text/plain" }, ...conditions };
    yield { firstMessage: { case: "writeObjectSpec", value: spec } as const, writeOffset };
    for (const content of chunks) {
      yield { writeOffset, data: { case: "checksummedData", value: { content } } as const };
      writeOffset += BigInt(content.length);
    }
    yield { writeOffset, finishWrite: true };
  }
  return client.writeObject(requests());
}

async function read(client: Client, object: string, range = {}) {
  const chunks: Uint8Array[] = [];
  for await (const { checksummedData } of client.readObject({ bucket, object, ...range })) {
    if (checksummedData) chunks.push(checksummedData.content);
  }
  return Buffer.concat(chunks).toString();
}

const rejectsWith = (code: Code) => (error: unknown) => error instanceof ApiError && error.code === code;

test("an object is written, read whole and in ranges, listed and deleted in process", async () => {
  const { api, client } = await boot();
  await using _ = api;
  const written = await write(client, "a/hello.txt", [Buffer.from("hello, "), Buffer.from("world")]);
  assert.equal(written.writeStatus.case, "resource");
  const object = await client.getObject({ bucket, object: "a/hello.txt" });
  assert.equal(object.size, 12n);
  assert.equal(object.metageneration, 1n);
  assert.equal(Buffer.from(object.checksums!.md5Hash).toString("hex"), "e4d7f1b4ed2e42d15898f4b27b019da4");
  assert.equal(await read(client, "a/hello.txt"), "hello, world");
  assert.equal(await read(client, "a/hello.txt", { readOffset: 7n, readLimit: 3n }), "wor");
  assert.equal(await read(client, "a/hello.txt", { readOffset: -5n }), "world");
  const listed = await client.listObjects({ parent: bucket, delimiter: "/" });
  assert.deepEqual(listed.prefixes, ["a/"]);
  await client.deleteObject({ bucket, object: "a/hello.txt" });
  await assert.rejects(client.getObject({ bucket, object: "a/hello.txt" }), rejectsWith(Code.NOT_FOUND));
});

test("a resumable write goes on where it stopped", async () => {
  const { api, client } = await boot();
  await using _ = api;
  const { uploadId } = await client.startResumableWrite({ writeObjectSpec: { resource: { name: "big", bucket } } });
  const part = async function* (offset: bigint, text: string, finishWrite: boolean) {
    const data = { case: "checksummedData", value: { content: Buffer.from(text) } } as const;
    yield { firstMessage: { case: "uploadId", value: uploadId } as const, writeOffset: offset, data, finishWrite };
  };
  await client.writeObject(part(0n, "12345", false));
  const status = await client.queryWriteStatus({ uploadId });
  assert.deepEqual(status.writeStatus, { case: "persistedSize", value: 5n });
  const done = await client.writeObject(part(3n, "45678", true));
  assert.equal(done.writeStatus.case, "resource");
  assert.equal(await read(client, "big"), "12345678");
});

test("a resumable write takes a stream of many messages", async () => {
  const { api, client } = await boot();
  await using _ = api;
  const { uploadId } = await client.startResumableWrite({ writeObjectSpec: { resource: { name: "many", bucket } } });
  async function* requests() {
    yield { firstMessage: { case: "uploadId", value: uploadId } as const, writeOffset: 0n };
    for (let index = 0; index < 50; index++) {
      // Later than the handler's first steps, as messages from a network are.
      await new Promise((resolve) => setImmediate(resolve));
      const data = { case: "checksummedData", value: { content: Buffer.from("0123456789") } } as const;
      yield { writeOffset: BigInt(index * 10), data, finishWrite: index === 49 };
    }
  }
  const { writeStatus } = await client.writeObject(requests());
  assert.equal(writeStatus.case === "resource" && writeStatus.value.size, 500n);
});

test("generation conditions guard writes, and a copy shares content", async () => {
  const { api, client } = await boot();
  await using _ = api;
  await write(client, "one", [Buffer.from("1")], { ifGenerationMatch: 0n });
  await assert.rejects(
    write(client, "one", [Buffer.from("2")], { ifGenerationMatch: 0n }),
    rejectsWith(Code.FAILED_PRECONDITION),
  );
  await client.rewriteObject({
    sourceBucket: bucket,
    sourceObject: "one",
    destinationBucket: bucket,
    destinationName: "two",
  });
  await client.deleteObject({ bucket, object: "one" });
  assert.equal(await read(client, "two"), "1");
  await client.composeObject({
    destination: { name: "three", bucket },
    sourceObjects: [{ name: "two" }, { name: "two" }],
  });
  assert.equal(await read(client, "three"), "11");
});

test("a bucket keeps its name to itself and goes only when empty", async () => {
  const { api, client } = await boot();
  await using _ = api;
  const again = { parent: "projects/_", bucketId: "sources", bucket: { project: "projects/demo" } };
  await assert.rejects(client.createBucket(again), rejectsWith(Code.ALREADY_EXISTS));
  await write(client, "x", []);
  await assert.rejects(client.deleteBucket({ name: bucket }), rejectsWith(Code.FAILED_PRECONDITION));
  await client.deleteObject({ bucket, object: "x" });
  await client.deleteBucket({ name: bucket });
  await assert.rejects(client.getBucket({ name: bucket }), rejectsWith(Code.NOT_FOUND));
});
