import { constants } from "node:fs";
import { chmod, mkdir, open, readlink, realpath, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { runCommand } from "../host/run-command.ts";
import type { MountedVolume } from "../volumes/volumes.ts";
import { unmount } from "./host-mounts.ts";

/**
 * Binds what a volume has at a path below its root to `target`, a path of the host that does not exist yet. A folder that
 * is not there is made, if the volume may be written. Rejects when the path leads out of the volume, also by a link that
 * somebody puts there meanwhile. Disposing undoes the binding.
 */
export async function bindSubPath(volume: MountedVolume, subPath: string, target: string): Promise<MountedVolume> {
  const wanted = join(volume.source, subPath);
  const root = await realpath(volume.source);
  if (subPath.split("/").includes("..")) throw outside(subPath);
  if (!volume.readOnly) await makeFolders(root, wanted);
  // O_PATH is not among Node's constants; reading is enough.
  await using handle = await open(wanted, constants.O_RDONLY | constants.O_NONBLOCK);
  const real = await readlink(`/proc/self/fd/${handle.fd}`);
  if (real !== root && !real.startsWith(root + sep)) throw outside(subPath);
  if ((await handle.stat()).isDirectory()) await mkdir(target);
  else await writeFile(target, "");
  // By the open file, so that the path is not looked up once more.
  await runCommand("mount", ["--no-canonicalize", "--bind", `/proc/${process.pid}/fd/${handle.fd}`, target]);
  return { source: target, readOnly: volume.readOnly, [Symbol.asyncDispose]: () => unmount(target) };
}

async function makeFolders(root: string, wanted: string): Promise<void> {
  const existing = await nearest(wanted);
  if (existing === wanted) return;
  // Nothing is made where a link leads out; `open` finds nothing there then.
  const real = await realpath(existing);
  if (real !== root && !real.startsWith(root + sep)) return;
  await mkdir(wanted, { recursive: true });
  await chmod(wanted, 0o777);
}

/** The path itself or the first of its parents that exists. */
async function nearest(path: string): Promise<string> {
  const exists = await realpath(path).then(
    () => true,
    () => false,
  );
  return exists ? path : nearest(dirname(path));
}

function outside(subPath: string): Error {
  return new Error(`The path "${subPath}" leads out of its volume.`);
}
