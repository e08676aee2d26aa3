import assert from "node:assert/strict";
import { once } from "node:events";
import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { createManualClock } from "../../../platform/manual-clock.ts";
import { systemClock } from "../../../platform/clock.ts";
import { randomIds } from "../../../platform/ids.ts";
import { bucketObjects } from "./objects.ts";
import { storageHttp, type StorageHttpOptions } from "./storage-client.ts";

/** Something in place of Cloud Storage that answers as `answer` says. */
async function serverOf(answer: (request: IncomingMessage, response: ServerResponse) => unknown) {
  const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function objectsAt(url: string, more: Partial<StorageHttpOptions> = {}) {
  const token = async () => ({ token: "secret", expiresInSeconds: 3600 });
  // Nobody has to wait between attempts.
  const clock = { ...systemClock, sleep: async () => {} };
  return bucketObjects(storageHttp({ url, token, clock, ...more }), "things");
}

function fail(response: ServerResponse, status: number): void {
  response.writeHead(status).end(JSON.stringify({ error: { code: status, message: `status ${status}` } }));
}

test("answers become the errors of system calls", async () => {
  let status = 403;
  await using server = await serverOf((_, response) => fail(response, status));
  const objects = objectsAt(server.url);
  await assert.rejects(objects.list({ prefix: "" }), { code: "EACCES", message: "status 403" });
  await assert.rejects(objects.get("a"), { code: "EACCES" });
  status = 404;
  assert.equal(await objects.get("a"), undefined);
  await assert.rejects(objects.remove("a"), { code: "ENOENT" });
  const object = { name: "a", size: "3", generation: "7", updated: "" };
  await assert.rejects(objects.read(object, 0, 3), { code: "ESTALE" });
  status = 412;
  await assert.rejects(objects.insert({ name: "a", contentType: "", metadata: {}, mustBeNew: true }), {
    code: "EEXIST",
  });
  status = 400;
  await assert.rejects(objects.copy("a", "b"), { code: "EIO" });
});

test("what passes is tried again, with a new token where the old one is refused", async () => {
  const seen: string[] = [];
  const statuses = [503, 429, 401, 200];
  await using server = await serverOf((request, response) => {
    seen.push(`${request.headers.host} ${request.headers.authorization}`);
    const status = statuses.shift()!;
    if (status !== 200) return fail(response, status);
    response.end(JSON.stringify({ name: "a", size: "1", generation: "1", updated: "" }));
  });
  let count = 0;
  const token = async () => ({ token: `t${++count}`, expiresInSeconds: 3600 });
  assert.equal((await objectsAt(server.url, { token }).get("a"))?.size, "1");
  assert.deepEqual(
    seen,
    ["t1", "t1", "t1", "t2"].map((each) => `storage.googleapis.com Bearer ${each}`),
  );
});

test("a token is used until shortly before its end", async () => {
  const tokens = new Set<string>();
  await using server = await serverOf((request, response) => {
    tokens.add(String(request.headers.authorization));
    response.end("{}");
  });
  const clock = createManualClock(0);
  let count = 0;
  const token = async () => ({ token: `t${++count}`, expiresInSeconds: 3600 });
  const objects = objectsAt(server.url, { token, clock });
  for (const now of [0, 3_000_000, 3_539_000, 3_541_000]) {
    clock.advance(now - clock.nowMs());
    await objects.list({ prefix: "" });
  }
  assert.equal(tokens.size, 2);
});

test("nobody there is an error, not a wait without end", async () => {
  const server = await serverOf(() => {});
  await server[Symbol.asyncDispose]();
  await assert.rejects(objectsAt(server.url).get("a"), { code: "EIO", message: /ECONNREFUSED/ });
});

test("an upload keeps what the object had, and streams the file", async () => {
  let body = Buffer.alloc(0);
  await using server = await serverOf(async (request, response) => {
    assert.equal(request.url, "/upload/storage/v1/b/things/o?uploadType=multipart");
    body = await buffer(request);
    response.end(JSON.stringify({ name: "a", size: "5", generation: "2", updated: "" }));
  });
  const path = join(tmpdir(), randomIds.uuid());
  const fd = openSync(path, "wx+");
  unlinkSync(path);
  writeSync(fd, "hello, and more");
  const like = {
    name: "a",
    size: "1",
    generation: "1",
    updated: "",
    contentType: "text/x",
    cacheControl: "no-store",
    metadata: { mine: "1", gcsfuse_mtime: "old" },
  };
  const metadata = { gcsfuse_mtime: "new" };
  await objectsAt(server.url).insert({ name: "a", like, contentType: "other", metadata, content: { fd, size: 5 } });
  closeSync(fd);
  assert.deepEqual(JSON.parse(/\{.*\}/.exec(body.toString())![0]), {
    name: "a",
    contentType: "text/x",
    cacheControl: "no-store",
    metadata: { mine: "1", gcsfuse_mtime: "new" },
  });
  assert.match(body.toString(), /\r\n\r\nhello\r\n--/);
});
