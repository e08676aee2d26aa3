import { existsSync, lstatSync, readdirSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext } from "../context.ts";

/** Sizes above which caches are made smaller: compiled packages lose their oldest, modules all. */
const MAX_BUILD_CACHE_BYTES = 1024 ** 3;
const MAX_MODULE_CACHE_BYTES = 2 * 1024 ** 3;
/** Measuring takes longer than many a build; a cache does not outgrow its size within a day's builds by much. */
const MEASURE_EVERY_MS = 60 * 60 * 1000;
const MARK = ".measured";

interface CachedFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** Keeps the caches of Go below their sizes, at most once an hour. */
export async function trimCaches(
  context: BuildContext,
  nowMs: number,
  limits = { build: MAX_BUILD_CACHE_BYTES, modules: MAX_MODULE_CACHE_BYTES },
): Promise<void> {
  const { GOCACHE: buildCache, GOMODCACHE: moduleCache } = context.env;
  if (buildCache && isDue(buildCache, nowMs)) trimBuildCache(buildCache, limits.build);
  if (moduleCache && isDue(moduleCache, nowMs) && sizeOf(filesBelow(moduleCache)) > limits.modules) {
    context.log("Clearing the module cache, which has grown too large");
    await context.exec(["go", "clean", "-modcache"], { cwd: "/" });
  }
}

function isDue(folder: string, nowMs: number): boolean {
  if (!existsSync(folder)) return false;
  const mark = join(folder, MARK);
  if (existsSync(mark) && nowMs - statSync(mark).mtimeMs < MEASURE_EVERY_MS) return false;
  writeFileSync(mark, "");
  return true;
}

/** Files of a build cache stand on their own: what is missing is compiled again. */
function trimBuildCache(folder: string, limitBytes: number): void {
  const files = filesBelow(folder).filter(({ path }) => /-[ad]$/.test(path));
  let size = sizeOf(files);
  for (const { path, size: bytes } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (size <= limitBytes) return;
    unlinkSync(path);
    size -= bytes;
  }
}

function sizeOf(files: readonly CachedFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

function filesBelow(folder: string): CachedFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile()) return [];
    const path = join(entry.parentPath, entry.name);
    const { size, mtimeMs } = lstatSync(path);
    return [{ path, size, mtimeMs }];
  });
}
