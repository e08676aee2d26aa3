import { after } from "node:test";
import { Client } from "pg";
import { systemClock } from "./clock.ts";
import { randomIds } from "./ids.ts";
import { silentLog } from "./log.ts";
import { openStore } from "./store/open-store.ts";
import { type PostgresServer, startPostgres } from "./store/postgres-server.ts";
import { resourceTableSuite } from "./store/resource-table-suite.ts";
import { type StorePlace, storeSuite } from "./store/store-suite.ts";
import { wakeupRowsSuite } from "./wakeups/wakeup-rows-suite.ts";

const deps = { clock: systemClock, ids: randomIds, log: silentLog };
const server = await startPostgres();

if (server) {
  let databases = 0;
  const makePlace = () => postgresPlace(server, `homerun_${++databases}`);
  storeSuite("PostgreSQL", makePlace);
  resourceTableSuite("PostgreSQL", makePlace);
  wakeupRowsSuite("PostgreSQL", makePlace);
  after(() => server[Symbol.asyncDispose]());
} else {
  console.warn("NOT RUN: the store on PostgreSQL, because the Debian package postgresql is not installed");
}

async function postgresPlace(server: PostgresServer, database: string): Promise<StorePlace> {
  await administer(server, `create database ${database}`);
  return {
    open: () => openStore(server.url(database), deps),
    [Symbol.asyncDispose]: () => administer(server, `drop database ${database} with (force)`),
  };
}

async function administer(server: PostgresServer, statement: string): Promise<void> {
  const client = new Client({ connectionString: server.url("postgres") });
  await client.connect();
  await client.query(statement);
  await client.end();
}
