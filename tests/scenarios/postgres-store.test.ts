import assert from "node:assert/strict";
import { test } from "node:test";
import { startPostgres } from "../../src/platform/store/postgres-server.ts";
import { answering, deploy } from "../support/real-functions.ts";
import { type RealServer, startRealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { warmDataFolder } from "../support/warm-data.ts";

const postgres = await startPostgres();
if (!postgres)
  console.warn("NOT RUN: deployments on PostgreSQL, because the Debian package postgresql is not installed");
else {
  test("with PostgreSQL as its store a server deploys, logs, and serves again after a restart", async () => {
    await using database = postgres;
    const flags = ["--store-url", database.url("postgres")];
    const dataDir = await warmDataFolder();
    let url: string;
    {
      await using server = await startRealServer({ dataDir, flags });
      url = await deploy(server, "hello", { code: answering("from PostgreSQL") });
      assert.deepEqual(await server.call(url), { status: 200, body: "from PostgreSQL" });
      await until(() => hasLogged(server));
    }
    await using server = await startRealServer({ dataDir, flags, removeData: true });
    assert.deepEqual(await server.call(url), { status: 200, body: "from PostgreSQL" });
    assert.ok(await hasLogged(server));
  });
}

async function hasLogged(server: RealServer): Promise<boolean> {
  return (await server.homerun("logs", "hello")).includes("GET 200");
}
