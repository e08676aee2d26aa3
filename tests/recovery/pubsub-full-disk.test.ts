import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pubsub } from "../../src/services/pubsub/module.ts";
import { bootApi } from "../support/boot-api.ts";

type Json = Record<string, unknown>;

const DISK = "24m";
const RESERVE_BYTES = 8 * 1024 * 1024;
const TOPIC = "/v1/projects/demo/topics/news";
const SUBSCRIPTION = "/v1/projects/demo/subscriptions/reader";
const DATA = randomBytes(256 * 1024).toString("base64");

/** A disk of its own, which is small. */
async function smallDisk(): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "homerun-full-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK}`, "homerun-test", folder]);
  return {
    folder,
    async [Symbol.asyncDispose]() {
      execFileSync("umount", [folder]);
      await rm(folder, { recursive: true });
    },
  };
}

test("with a full disk publishing fails, nothing that was published is lost, and it goes on when there is room", async () => {
  await using disk = await smallDisk();
  const reserve = join(disk.folder, "reserve");
  await writeFile(reserve, randomBytes(RESERVE_BYTES));
  await using api = await bootApi((deps) => [pubsub(deps)], { dataDir: disk.folder, keepData: true });
  await api.json("PUT", TOPIC, {});
  await api.json("PUT", SUBSCRIPTION, { topic: "projects/demo/topics/news" });
  const published: string[] = [];
  const publish = async (): Promise<number> => {
    const { status, body } = await api.json("POST", `${TOPIC}:publish`, { messages: [{ data: DATA }] });
    if (status === 200) published.push(...(body["messageIds"] as string[]));
    return status;
  };

  let status = await publish();
  while (status === 200) status = await publish();
  assert.equal(status, 503);
  assert.equal(await publish(), 503);
  assert.ok(published.length > 5);

  await rm(reserve);
  assert.equal(await publish(), 200);
  const received: string[] = [];
  while (received.length < published.length) {
    const pulled = await api.json("POST", `${SUBSCRIPTION}:pull`, { maxMessages: 100 });
    const messages = pulled.body["receivedMessages"] as { ackId: string; message: Json }[];
    const ackIds = messages.map(({ ackId }) => ackId);
    const acknowledged = await api.json("POST", `${SUBSCRIPTION}:acknowledge`, { ackIds });
    assert.equal(acknowledged.status, 200, JSON.stringify(acknowledged.body));
    received.push(...messages.map(({ message }) => String(message["messageId"])));
  }
  assert.deepEqual(received.toSorted(), published.toSorted());
});
