import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Log } from "../../platform/log.ts";

/** Stores of images that wait for the next build of their project; a build has its store to itself. */
export interface StoreCache {
  /** Moves what the last build with this key left to `target`, which must not exist yet; false when there is nothing. */
  take(key: string, target: string): Promise<boolean>;
  /** Keeps `store` for the next build in place of what is there, which moves to `discarded`; too large a store stays. */
  giveBack(key: string, store: string, discarded: string): Promise<void>;
}

/** Layers of all of a project's images; beyond that the project starts afresh. */
const MAX_STORE_BYTES = 10 * 1024 ** 3;

/**
 * Stores below a folder of this process alone. A store is somebody else's data: nothing in it is read or followed here.
 * After a power failure a store that may not have reached the disk is dropped.
 */
export function createStoreCache({ folder, log }: { readonly folder: string; readonly log: Log }): StoreCache {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pathsOf = (key: string) => {
    const home = join(folder, createHash("sha256").update(key).digest("hex").slice(0, 32));
    return { home, store: join(home, "store"), unsynced: join(home, "unsynced") };
  };
  return {
    async take(key, target) {
      const { store, unsynced } = pathsOf(key);
      if (!isWhole(unsynced)) await rm(store, { recursive: true, force: true });
      return moved(store, target);
    },
    async giveBack(key, from, discarded) {
      const { home, store, unsynced } = pathsOf(key);
      const bytes = await diskUsage(from);
      if (bytes > MAX_STORE_BYTES) {
        log.info("the image cache of a project has grown too large and starts afresh", { bytes });
        return;
      }
      await mkdir(home, { recursive: true, mode: 0o700 });
      await writeFile(unsynced, bootId());
      await moved(store, discarded);
      await moved(from, store);
      writeThrough(home, unsynced);
    },
  };
}

async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another build has it; or two ended at once, and one store is as good as the other.
    if (code === "ENOENT" || code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
  }
}

async function diskUsage(folder: string): Promise<number> {
  const { stdout } = await promisify(execFile)("du", ["-s", "-x", "-B1", "--", folder]);
  return Number(/^\d+/.exec(stdout)?.[0]);
}

function writeThrough(home: string, unsynced: string): void {
  const sync = spawn("sync", ["-f", home], { stdio: "ignore" });
  sync.unref();
  sync.once("error", () => {});
  sync.once("close", (code) => {
    if (code === 0) rmSync(unsynced, { force: true });
  });
}

function isWhole(unsynced: string): boolean {
  try {
    return readFileSync(unsynced, "utf8") === bootId();
  } catch {
    return true;
  }
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
