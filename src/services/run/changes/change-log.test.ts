import assert from "node:assert/strict";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../../platform/clock.ts";
import { randomIds } from "../../../platform/ids.ts";
import { silentLog } from "../../../platform/log.ts";
import { resourceTableMigration } from "../../../platform/store/create-resource-table.ts";
import { openStore } from "../../../platform/store/open-store.ts";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import { changeMigration, createChangeLog } from "./change-log.ts";
import { createWatchedTable, watchedRowOf } from "./watched-table.ts";

const ROW: ResourceRow = {
  name: "projects/p/things/a",
  parent: "projects/p",
  uid: "u",
  generation: 1,
  version: 1,
  message: '{"size":1}',
  unfinished: false,
  createTimeMs: 0,
  updateTimeMs: 0,
};

test("writes are numbered over all tables, told once committed, and kept until there are a thousand newer ones", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "homerun-changes-"));
  const deps = { clock: systemClock, ids: randomIds, log: silentLog };
  await using store = await openStore(join(folder.path, "store.sqlite"), deps);
  const migrations = ["things", "parts"].map((name) => resourceTableMigration(`001-${name}`, name));
  await store.migrate("test", [...migrations, changeMigration]);
  const changes = createChangeLog(store);
  const [things, parts] = ["things", "parts"].map((name) => createWatchedTable(store, name, changes));
  let commits = 0;
  using _listening = changes.onCommit(() => (commits += 1));

  await store.transact((transaction) => things!.insert(transaction, ROW));
  await store.transact((transaction) => parts!.insert(transaction, ROW));
  const failed = store.transact(async (transaction) => {
    await things!.delete(transaction, ROW.name);
    throw new Error("no");
  });
  await assert.rejects(failed, /no/);
  const changed = { ...ROW, message: '{"size":2}' };
  assert.equal((await store.transact((transaction) => things!.update(transaction, changed))).sequence, 3);
  assert.equal(commits, 3);
  const kept = await things!.get(ROW.name);
  assert.deepEqual([kept?.message, kept?.version, kept?.sequence], ['{"size":2}', 2, 3]);

  const seen = (await changes.after("things", 0, 10))!.map(({ type, row, before }) => {
    return [type, watchedRowOf(row).message, before && watchedRowOf(before).message];
  });
  assert.deepEqual(seen, [
    ["ADDED", '{"size":1}', undefined],
    ["MODIFIED", '{"size":2}', '{"size":1}'],
  ]);
  assert.equal(await changes.after("things", 4, 10), undefined, "it is not reached yet");

  await store.transact((transaction) => things!.delete(transaction, ROW.name));
  const [deleted] = (await changes.after("things", 3, 10))!;
  assert.deepEqual([deleted?.type, watchedRowOf(deleted!.row).message], ["DELETED", '{"size":2}']);
  await store.transact(async (transaction) => {
    for (let count = 0; count < 1000; count += 1) {
      await parts!.update(transaction, { ...ROW, version: count + 1, message: `{"size":${count}}` });
    }
  });
  assert.equal(await changes.newest(), 1004);
  assert.equal(await changes.after("things", 3, 10), undefined, "it is forgotten");
  assert.deepEqual(await changes.after("things", 4, 10), []);
});
