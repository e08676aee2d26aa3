import { readFile, readdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../platform/clock.ts";
import { SandboxError } from "../../sandbox.ts";

const RETRY_MS = 5;
const REMOVAL_TIMEOUT_MS = 10_000;

/** Reads a file of the cgroup file system, or undefined when it or its group does not exist (any more). */
export async function readCgroupFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Writes a value; a file that this kernel lacks, or whose group is gone, is no error. */
export async function writeCgroupFileIfPresent(path: string, value: string): Promise<void> {
  try {
    await writeFile(path, value, { flag: "r+" });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** The number behind `key` in a file of "key value" lines, 0 when absent. */
export function valueOf(text: string, key: string): number {
  const line = text.split("\n").find((line) => line.startsWith(`${key} `));
  return line === undefined ? 0 : Number(line.slice(key.length + 1));
}

/** The process ids in a group, without its sub-groups. */
export async function processIdsIn(folder: string): Promise<number[]> {
  const text = (await readCgroupFile(join(folder, "cgroup.procs"))) ?? "";
  return text.split("\n").filter(Boolean).map(Number);
}

/** Removes a group with its sub-groups; kills what runs in them until they are empty. */
export async function removeCgroupTree(folder: string, clock: Clock): Promise<void> {
  const deadline = clock.nowMs() + REMOVAL_TIMEOUT_MS;
  while (!(await tryRemove(folder))) {
    if (clock.nowMs() > deadline) throw new SandboxError(`the processes in ${folder} do not end`);
    await clock.sleep(RETRY_MS);
  }
}

async function tryRemove(folder: string): Promise<boolean> {
  const children = await childGroups(folder);
  const removed = await Promise.all(children.map((child) => tryRemove(join(folder, child))));
  for (const pid of await processIdsIn(folder)) killIfAlive(pid);
  if (removed.includes(false)) return false;
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    if (isGone(error)) return true;
    if (codeOf(error) === "EBUSY") return false;
    throw error;
  }
}

async function childGroups(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}

function isGone(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ENODEV";
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
