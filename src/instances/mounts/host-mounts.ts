import { mkdir, readFile, rm } from "node:fs/promises";
import { sep } from "node:path";
import { runCommand } from "../host/run-command.ts";

/** Folders that are being made shared now: once is enough, and a second bind would hide what is mounted by then. */
const underWay = new Map<string, Promise<void>>();

/**
 * Makes a folder whose mounts share their events: what is unmounted below it goes from every mount namespace that
 * sandboxes made meanwhile, so that nothing keeps it alive. Idempotent. Needs root.
 */
export function makeSharedFolder(folder: string): Promise<void> {
  const made = underWay.get(folder) ?? share(folder).finally(() => underWay.delete(folder));
  underWay.set(folder, made);
  return made;
}

async function share(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await mountPointsIn(folder)).includes(folder)) return;
  await runCommand("mount", ["--bind", folder, folder]);
  await runCommand("mount", ["--make-shared", folder]);
}

/** Mounts a file system on a folder of the host. */
export async function mount(source: string, folder: string, type: string, options: readonly string[]): Promise<void> {
  await runCommand("mount", ["-t", type, "-o", ["nosuid", "nodev", ...options].join(","), source, folder]);
}

/** Unmounts a folder at once, also while something still uses it. */
export async function unmount(folder: string): Promise<void> {
  await runCommand("umount", ["--lazy", folder]);
}

/** Unmounts everything that is mounted in a folder, also by an earlier process, and removes the folder. */
export async function removeMounts(folder: string): Promise<void> {
  // Processes of the earlier one that served a mount may take it away themselves.
  for (const point of (await mountPointsIn(folder)).reverse()) await unmount(point).catch(() => undefined);
  await removeUnmounted(folder);
}

/** Removes a folder. Rejects while something is mounted in it, which may be somebody's data and must not be emptied. */
export async function removeUnmounted(folder: string): Promise<void> {
  const points = await mountPointsIn(folder);
  if (points.length > 0) throw new Error(`${points.join(", ")} is mounted still`);
  await rm(folder, { recursive: true, force: true });
}

/** The folder and what is below it, if mounted, in the order of mounting (proc_pid_mountinfo(5)). */
async function mountPointsIn(folder: string): Promise<string[]> {
  const lines = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  const points = lines.map((line) => unescape(line.split(" ")[4] ?? ""));
  return points.filter((point) => point === folder || point.startsWith(folder + sep));
}

function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
