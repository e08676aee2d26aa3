import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { CompiledQuery } from "kysely";
import { createManualClock } from "../manual-clock.ts";
import { BEGIN, COMMIT } from "./sqlite-connection.ts";
import { SqliteThreadConnection } from "./sqlite-thread-connection.ts";

async function underTest(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "homerun-thread-"));
  const clock = createManualClock();
  const options = { readOnly: false, timeout: 20, enableForeignKeyConstraints: true };
  const setup = "pragma journal_mode = wal; create table if not exists things (name text primary key) strict";
  const opening = { path: join(folder, "store.db"), options, setup, statements: 2 };
  const connection = new SqliteThreadConnection(opening, clock);
  context.after(async () => {
    await connection.close();
    rmSync(folder, { recursive: true });
  });
  const run = (sql: string, ...parameters: unknown[]) => connection.executeQuery(CompiledQuery.raw(sql, parameters));
  const transact = async (...statements: string[]) => {
    await run(BEGIN);
    for (const statement of statements) await run(statement);
    await run(COMMIT);
  };
  const names = async () => {
    await run(BEGIN);
    const { rows } = await run("select name from things order by name");
    await run(COMMIT);
    return rows.map((row) => (row as { name: string }).name);
  };
  return { clock, connection, run, transact, names };
}

const threads = () =>
  readdirSync("/proc/self/task").filter((id) => readFileSync(`/proc/self/task/${id}/comm`, "utf8") === "sqlite\n")
    .length;

test("the thread ends when nothing has been written for a while, and comes back", async (context) => {
  const { clock, connection, run, transact, names } = await underTest(context);
  assert.equal(threads(), 0);
  await transact("insert into things values ('a')");
  assert.equal(threads(), 1);
  await run(BEGIN);
  clock.advance(60_000);
  await run("insert into things values ('b')");
  await run(COMMIT);
  assert.equal(threads(), 1, "a transaction keeps its thread");
  clock.advance(10_000);
  await connection.close();
  assert.equal(threads(), 0);
  assert.deepEqual(await names(), ["a", "b"]);
});

test("errors are those of SQLite; what was begun with them is rolled back", async (context) => {
  const { connection, run, transact, names } = await underTest(context);
  await transact("insert into things values ('a')");
  await run(BEGIN);
  await run("insert into things values ('b')");
  await assert.rejects(run("insert into things values ('a')"), { errcode: 1555, message: /UNIQUE constraint failed/ });
  await connection.rollback();
  await connection.rollback();
  assert.deepEqual(await names(), ["a"]);
});

test("a statement that would stand alone is refused", async (context) => {
  const { run, transact } = await underTest(context);
  await assert.rejects(run("insert into things values ('a')"), /no transaction is open/);
  await transact();
  await assert.rejects(run("insert into things values ('a')"), /no transaction is open/);
});
