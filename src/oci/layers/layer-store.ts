import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ids } from "../../platform/ids.ts";
import { DigestMismatchError, parseDigest } from "../digest.ts";
import { unpackLayer, type LayerLimits } from "./unpack-layer.ts";

export interface LayerStoreDeps {
  /** Holds one folder per layer, sha256-HEX of its diff id. Belongs to one process at a time. */
  readonly folder: string;
  readonly ids: Ids;
  readonly limits?: LayerLimits;
}

/** Unpacked layers on disk. */
export interface LayerStore {
  /** The folder of a layer that is unpacked already. */
  find(diffId: string): string | undefined;
  /** The folder of a layer; unpacks it from `open` when needed. Concurrent calls for one layer share the work. */
  ensure(diffId: string, open: () => Promise<AsyncIterable<Uint8Array>>): Promise<string>;
  /** Deletes every layer but these and those being unpacked. */
  prune(diffIds: ReadonlySet<string>): Promise<void>;
}

const TEMPORARY = ".unpacking-";
const UNSYNCED = ".unsynced-";

/**
 * A layer store. A layer appears under its name only when whole: it is unpacked beside and renamed. Its content is
 * written through to the disk afterwards, in the background; a layer for which a power failure came first is found out
 * by the boot id noted beside it, and dropped when the store opens.
 */
export function createLayerStore(deps: LayerStoreDeps): LayerStore {
  const { folder } = deps;
  mkdirSync(folder, { recursive: true });
  dropUnfinished(folder);
  const pending = new Map<string, Promise<string>>();
  const find = (diffId: string): string | undefined => {
    const path = join(folder, layerName(diffId));
    return existsSync(path) ? path : undefined;
  };
  return {
    find,
    async ensure(diffId, open) {
      for (let running = pending.get(diffId); running; running = pending.get(diffId)) {
        // Another caller's failure, or its giving up, is not this one's.
        const path = await running.catch(() => undefined);
        if (path !== undefined) return path;
      }
      const found = find(diffId);
      if (found !== undefined) return found;
      const work = unpack(deps, diffId, open).finally(() => pending.delete(diffId));
      pending.set(diffId, work);
      return work;
    },
    async prune(diffIds) {
      const keep = new Set([...diffIds, ...pending.keys()].map(layerName));
      for (const name of await readdir(folder)) {
        if (!name.startsWith("sha") || keep.has(name)) continue;
        // Renamed first, so that a layer half deleted is never taken for a whole one.
        const doomed = join(folder, `${TEMPORARY}${deps.ids.uuid()}`);
        await rename(join(folder, name), doomed);
        await rm(join(folder, `${UNSYNCED}${name}`), { force: true });
        await rm(doomed, { recursive: true, force: true });
      }
    },
  };
}

async function unpack(
  deps: LayerStoreDeps,
  diffId: string,
  open: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<string> {
  const name = layerName(diffId);
  const path = join(deps.folder, name);
  const temporary = join(deps.folder, `${TEMPORARY}${deps.ids.uuid()}`);
  await mkdir(temporary, { mode: 0o755 });
  try {
    const result = await unpackLayer(await open(), temporary, deps.limits);
    if (result.diffId !== diffId) throw new DigestMismatchError(`layer ${diffId} unpacks to ${result.diffId}`);
    await writeFile(join(deps.folder, `${UNSYNCED}${name}`), bootId());
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  writeThrough(deps.folder, name);
  return path;
}

function writeThrough(folder: string, name: string): void {
  const sync = spawn("sync", ["-f", folder], { stdio: "ignore" });
  sync.unref();
  sync.once("error", () => {});
  sync.once("close", (code) => {
    if (code === 0) rmSync(join(folder, `${UNSYNCED}${name}`), { force: true });
  });
}

function dropUnfinished(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(TEMPORARY)) rmSync(join(folder, name), { recursive: true, force: true });
    if (!name.startsWith(UNSYNCED) || readFileSync(join(folder, name), "utf8") === bootId()) continue;
    rmSync(join(folder, name.slice(UNSYNCED.length)), { recursive: true, force: true });
    rmSync(join(folder, name), { force: true });
  }
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

function layerName(diffId: string): string {
  const digest = parseDigest(diffId);
  if (!digest) throw new TypeError(`invalid diff id: ${diffId}`);
  return `${digest.algorithm}-${digest.hex}`;
}
