import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../../platform/clock.ts";
import { randomIds } from "../../../platform/ids.ts";
import { silentLog } from "../../../platform/log.ts";
import { openStore } from "../../../platform/store/open-store.ts";
import { startPostgres } from "../../../platform/store/postgres-server.ts";
import type { Store } from "../../../platform/store/store.ts";
import { eventMigrations } from "./migrations.ts";
import { createEventStore } from "./store.ts";

const deps = { clock: systemClock, ids: randomIds, log: silentLog };

test("chunks and faults are kept in SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "homerun-events-"));
  {
    await using store = await openStore(join(folder, "events.sqlite"), deps);
    await keepsChunksAndFaults(store);
  }
  await rm(folder, { recursive: true });
});

const postgres = await startPostgres();
if (!postgres)
  console.warn("NOT RUN: the record of events on PostgreSQL, because the Debian package postgresql is not installed");
else {
  test("chunks and faults are kept in PostgreSQL", async () => {
    await using server = postgres;
    await using store = await openStore(server.url("postgres"), deps);
    await keepsChunksAndFaults(store);
  });
}

async function keepsChunksAndFaults(store: Store): Promise<void> {
  await store.migrate("pubsub", eventMigrations);
  const events = createEventStore(store);
  const chunk = (id: string) => ({ id, newestMs: 2 ** 41, attempts: 3, bytes: 2 });
  await events.write({ ...chunk("1"), content: Buffer.from([0, 255]) }, []);
  await events.write({ ...chunk("2"), content: Buffer.from([1]) }, []);
  assert.deepEqual(await events.list(), [chunk("1"), chunk("2")]);
  assert.deepEqual(Buffer.from((await events.read("1"))!), Buffer.from([0, 255]));
  await events.write({ ...chunk("3"), content: Buffer.from([2]) }, ["1", "2"]);
  assert.deepEqual(
    (await events.list()).map(({ id }) => id),
    ["3"],
  );
  assert.equal(await events.read("1"), undefined);
  await events.setFaults("s", "{}");
  await events.setFaults("s", '{"count":1}');
  assert.deepEqual(await events.faults(), [{ subscription: "s", faults: '{"count":1}' }]);
  await events.clearFaults("s");
  assert.deepEqual(await events.faults(), []);
}
