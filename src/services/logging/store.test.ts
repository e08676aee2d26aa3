import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { silentLog } from "../../platform/log.ts";
import { openStore } from "../../platform/store/open-store.ts";
import { loggingMigrations } from "./migrations.ts";
import { createLogStore } from "./store.ts";

test("entries past their time are deleted in every project, and no others", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "homerun-logs-"));
  context.after(() => rmSync(folder, { recursive: true }));
  await using store = await openStore(join(folder, "store.db"), { clock: systemClock, ids: randomIds, log: silentLog });
  await store.migrate("logging", loggingMigrations);
  const logs = createLogStore(store);
  const projects = ["one", "two", "zwölf"];
  const entryAt = (timestamp_ms: number) => (project: string) => {
    return { project, log_name: `projects/${project}/logs/l`, timestamp_ms, message: String(timestamp_ms) };
  };
  const rows = [1, 2, 3].flatMap((ms) => projects.map(entryAt(ms)));
  await store.transactRelaxed((transaction) => logs.insert(transaction, rows));
  await logs.deleteBefore(3);
  const search = { projects, fromMs: 0, toMs: 9, newestFirst: false, after: undefined, limit: 10 };
  const left = (await logs.search(search)).map(({ project, timestamp_ms }) => [project, timestamp_ms]);
  assert.deepEqual(
    left,
    projects.map((project) => [project, 3]),
  );
  await logs.deleteBefore(4);
  assert.deepEqual(await logs.search(search), []);
});
