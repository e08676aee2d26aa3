import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../clock.ts";
import { randomIds } from "../ids.ts";
import { silentLog } from "../log.ts";
import { openStore } from "./open-store.ts";
import type { StorePlace } from "./store-suite.ts";

/** A temporary folder for an SQLite store; removed when disposed. */
export async function sqlitePlace(): Promise<StorePlace> {
  const folder = await mkdtemp(join(tmpdir(), "homerun-store-"));
  const deps = { clock: systemClock, ids: randomIds, log: silentLog };
  return {
    open: () => openStore(join(folder, "deep", "homerun.sqlite"), deps),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
