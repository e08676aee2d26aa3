import assert from "node:assert/strict";
import { test } from "node:test";
import { sqlitePlace } from "../../../../platform/store/sqlite-place.ts";
import { bytesForm } from "../binary-form.ts";
import { messageMigrations } from "./migrations.ts";
import { joinMessages } from "./payload.ts";
import { createRowCache } from "./row-cache.ts";
import { createMessageStore } from "./store.ts";

const MESSAGE_BYTES = 1000;

test("rows are read a few at a time, and no more of them are kept than there is room", async () => {
  await using place = await sqlitePlace();
  await using database = await place.open();
  await database.migrate("pubsub", messageMigrations);
  const store = createMessageStore(database);
  const messages = [Buffer.alloc(MESSAGE_BYTES, "a"), Buffer.alloc(MESSAGE_BYTES, "b")];
  const payload = joinMessages(messages.map(bytesForm), 2 * MESSAGE_BYTES);
  await database.transact(async (transaction) => {
    for (let first = 1; first < 201; first += 2) {
      const row = { log: 1, first_seq: first, last_seq: first + 1, publish_time_ms: first, size: payload.length };
      await store.insertRow(transaction, { ...row, payload });
    }
  });
  assert.deepEqual(
    (await store.readRows(1, 6, 5000)).map(({ first_seq }) => first_seq),
    [5, 7],
  );
  assert.deepEqual(
    (await store.readRows(1, 6, 1)).map(({ first_seq }) => first_seq),
    [5],
  );
  assert.deepEqual(await store.readRows(1, 201, 5000), []);

  const cache = createRowCache({ store, maxBytes: 10_000, readBytes: 5000 });
  assert.equal(cache.find(1, 6), undefined);
  const row = await cache.read(1, 6);
  assert.equal(row?.message(6).toString(), "b".repeat(MESSAGE_BYTES));
  assert.equal(cache.find(1, 7)?.first, 7);
  for (let seq = 9; seq < 200; seq += 2) await cache.read(1, seq);
  assert.equal(cache.find(1, 6), undefined);
  assert.equal(cache.find(1, 200)?.first, 199);

  await database.transact(async (transaction) => {
    assert.equal(await store.deleteRows(transaction, 1, 6, Number.MAX_SAFE_INTEGER), true);
    assert.equal(await store.deleteRows(transaction, 1, 6, Number.MAX_SAFE_INTEGER), false);
  });
  assert.equal((await cache.read(1, 1))?.first, 5);
  assert.equal(await store.nextSeq(1), 201);
});
