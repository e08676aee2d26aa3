import assert from "node:assert/strict";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { randomIds } from "../ids.ts";
import { silentLog } from "../log.ts";
import { createManualClock } from "../manual-clock.ts";
import { openStore } from "../store/open-store.ts";
import { createWakeups } from "../wakeups/create-wakeups.ts";
import { createContentStore } from "./content-store.ts";
import { fileBlobs } from "./file-blobs.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

async function open() {
  const folder = mkdtempDisposableSync(join(tmpdir(), "content-"));
  const clock = createManualClock();
  const base = { clock, ids: randomIds, log: silentLog };
  const store = await openStore(join(folder.path, "test.db"), base);
  const wakeups = await createWakeups(store, base);
  const referred = new Set<string>();
  const deps = { store, wakeups, blobs: fileBlobs(folder.path), ...base };
  const isReferred = async (id: string) => referred.has(id);
  const contents = createContentStore(deps, { folder: "test", kind: "test.content", isReferred });
  wakeups.start({ "test.content": contents.reconcile }, []);
  const after = async (ms: number) => {
    clock.advance(ms);
    await wakeups.idle();
  };
  const close = async () => {
    await wakeups[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    folder.remove();
  };
  return { contents, referred, store, after, [Symbol.asyncDispose]: close };
}

const bytes = async function* (text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
};

test("content goes once the last reference to it is gone, and not before readers had time to open it", async () => {
  await using opened = await open();
  const { contents, referred, store, after } = opened;
  const { content, sizeBytes } = await contents.put(bytes("hello"));
  assert.equal(sizeBytes, 5);
  referred.add(content).add("other");
  await after(2 * DAY_MS);
  assert.equal(await contents.sizeOf(content), 5);
  await store.transact((transaction) => contents.release(transaction, content));
  await after(MINUTE_MS);
  assert.equal(await contents.sizeOf(content), 5, "something still refers to it");
  referred.delete(content);
  await store.transact((transaction) => contents.release(transaction, content));
  await after(MINUTE_MS / 2);
  assert.equal(await contents.sizeOf(content), 5, "a reader may be about to open it");
  await after(MINUTE_MS / 2);
  assert.equal(await contents.sizeOf(content), 0);
});

test("content that never got a reference goes after a day", async () => {
  await using opened = await open();
  const { contents, after } = opened;
  const { content } = await contents.put(bytes("abandoned"));
  await after(DAY_MS - 1);
  assert.equal(await contents.sizeOf(content), 9);
  await after(1);
  assert.equal(await contents.sizeOf(content), 0);
});
