import { execFile } from "node:child_process";
import { statfs } from "node:fs/promises";
import type { Clock } from "../../platform/clock.ts";

export interface DiskWatch {
  readonly clock: Clock;
  /** Folders of one file system, measured together. */
  readonly folders: readonly string[];
  readonly limitBytes: number;
  /** Called once, with a sentence. */
  readonly onFull: (problem: string) => void;
}

const LOOK_EVERY_MS = 250;
/** Measuring walks all files, so it takes at most this part of the time... */
const MEASURING_SHARE = 1 / 20;
/** ...and happens without a reason once in this time, because what others free hides what is written. */
const MEASURE_EVERY_MS = 20_000;
/** What a build leaves free for everybody else on the machine, bytes. */
const RESERVE_BYTES = 512 * 1024 ** 2;
const GIB = 1024 ** 3;

/**
 * Looks after what folders take on disk until disposed. A look asks only how much is free; files are counted when what
 * has gone since the last count might exceed the limit. The limit is no more than what the machine has free at first.
 */
export async function watchDisk({ clock, folders, limitBytes, onFull }: DiskWatch): Promise<Disposable> {
  const folder = folders[0]!;
  let measured = { usedBytes: 0, freeBytes: await freeBytes(folder), atMs: clock.nowMs(), tookMs: 0 };
  const limit = Math.min(limitBytes, Math.max(0, measured.freeBytes - RESERVE_BYTES));
  let busy = false;
  const look = async (): Promise<string | undefined> => {
    const free = await freeBytes(folder);
    const gone = Math.max(0, measured.freeBytes - free);
    const since = clock.nowMs() - measured.atMs;
    const isSuspect = measured.usedBytes + gone > limit && since > measured.tookMs / MEASURING_SHARE;
    if (!isSuspect && since < Math.max(MEASURE_EVERY_MS, measured.tookMs / MEASURING_SHARE)) return undefined;
    const startMs = clock.nowMs();
    const usedBytes = await diskUsage(folders);
    const nowMs = clock.nowMs();
    measured = { usedBytes, freeBytes: await freeBytes(folder), atMs: nowMs, tookMs: nowMs - startMs };
    return usedBytes > limit ? `no space left on device: the build uses more than ${formatSize(limit)}` : undefined;
  };
  const timer = clock.every(LOOK_EVERY_MS, () => {
    if (busy) return;
    busy = true;
    void look()
      .then((problem) => {
        if (problem === undefined) return;
        timer[Symbol.dispose]();
        onFull(problem);
      })
      // A folder that is just going away.
      .catch(() => {})
      .finally(() => (busy = false));
  });
  return timer;
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Bytes on disk of all files below the folders; files that come and go meanwhile may be missed. */
function diskUsage(folders: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 16 * 1024 * 1024 };
    execFile("du", ["-s", "-x", "-c", "-B1", "--", ...folders], options, (error, stdout) => {
      const total = /^(\d+)\ttotal$/m.exec(stdout)?.[1];
      if (total === undefined) reject(error ?? new Error(`unexpected output of du: ${stdout}`));
      else resolve(Number(total));
    });
  });
}

function formatSize(bytes: number): string {
  return bytes >= GIB ? `${Math.round((bytes / GIB) * 10) / 10} GiB` : `${Math.round(bytes / 1024 ** 2)} MiB`;
}
