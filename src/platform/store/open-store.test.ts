import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "kysely";
import { systemClock } from "../clock.ts";
import { randomIds } from "../ids.ts";
import { silentLog } from "../log.ts";
import { openStore } from "./open-store.ts";
import { sqlitePlace } from "./sqlite-place.ts";
import { storeSuite } from "./store-suite.ts";

const deps = { clock: systemClock, ids: randomIds, log: silentLog };

storeSuite("SQLite", sqlitePlace);

test("the SQLite file is private to its owner, in WAL mode and fully synchronous", async () => {
  const folder = mkdtempSync(join(tmpdir(), "homerun-store-"));
  const path = join(folder, "homerun.sqlite");
  await using store = await openStore(path, deps);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await store.transact(async (transaction) => {
    const pragma = (name: string) => sql`${sql.raw(`pragma ${name}`)}`.execute(transaction.as());
    assert.deepEqual((await pragma("journal_mode")).rows, [{ journal_mode: "wal" }]);
    assert.deepEqual((await pragma("synchronous")).rows, [{ synchronous: 2 }]);
    assert.deepEqual((await pragma("foreign_keys")).rows, [{ foreign_keys: 1 }]);
  });
  rmSync(folder, { recursive: true });
});

test("a file that is no database is refused when it is opened", async () => {
  const folder = mkdtempSync(join(tmpdir(), "homerun-store-"));
  const path = join(folder, "homerun.sqlite");
  writeFileSync(path, "certainly not a database, and long enough to have a header ".repeat(9));
  await assert.rejects(openStore(path, deps), /not a database/);
  rmSync(folder, { recursive: true });
});
