import { chmod, mkdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError, runCommand } from "../host/run-command.ts";
import type { MountedVolume } from "../volumes/volumes.ts";
import type { VolumeSpec, WorkloadSpec } from "../workload.ts";
import { mount, unmount } from "./host-mounts.ts";

/** Google: the least size of an ephemeral disk. */
const DEFAULT_DISK_BYTES = 10 * 1024 ** 3;

/** Quick, and next to nothing written: no journal, for nobody mounts it again, and tables only as they are used. */
const FORMAT = ["-q", "-F", "-m", "0", "-O", "^has_journal", "-E", "nodiscard,lazy_itable_init=1"];

/** Everybody in the containers may write to a volume that starts empty. */
const OPEN_TO_ALL = 0o777;

type EmptyDir = Extract<VolumeSpec, { kind: "memory" | "disk" }>;

/** Makes an empty volume in an empty folder. Disposing forgets what is in it. */
export function mountEmptyDir(volume: EmptyDir, spec: WorkloadSpec, folder: string): Promise<MountedVolume> {
  return volume.kind === "memory" ? mountMemory(volume, spec, folder) : mountDisk(volume, folder);
}

/**
 * A tmpfs. What containers write counts as memory of the one that wrote it; the size is at most what all of them have,
 * and half of that where none is given. Google: Cloud Run, "Configure in-memory volume mounts".
 */
async function mountMemory({ sizeBytes }: EmptyDir, { containers }: WorkloadSpec, folder: string) {
  const total = containers.reduce((sum, { limits }) => sum + limits.memoryBytes, 0);
  const size = Math.min(sizeBytes ?? Math.floor(total / 2), total);
  await mount("tmpfs", folder, "tmpfs", [`size=${size}`, `mode=${OPEN_TO_ALL.toString(8)}`]);
  return volumeAt(folder, () => unmount(folder));
}

/**
 * A disk of its own: an ext4 file system of the given size in a sparse file, through a loop device.
 * Google: Cloud Run, "Configure an ephemeral disk".
 */
async function mountDisk({ name, sizeBytes = DEFAULT_DISK_BYTES }: EmptyDir, folder: string): Promise<MountedVolume> {
  const file = join(folder, "disk");
  const point = join(folder, "mount");
  await mkdir(point);
  await writeFile(file, "", { mode: 0o600 });
  await truncate(file, sizeBytes);
  try {
    await runCommand("mkfs.ext4", [...FORMAT, file]);
    await mount(file, point, "ext4", ["loop", "discard", "noinit_itable"]);
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause;
    const needs = "a disk needs mkfs.ext4 (e2fsprogs) and loop devices on this host";
    throw new Error(`Volume "${name}" cannot be made; ${needs}: ${cause.message}`, { cause });
  }
  // The mount holds the file; nothing of it stays behind once that is gone, however this process ends.
  await rm(file);
  const source = join(point, "data");
  await mkdir(source);
  await chmod(source, OPEN_TO_ALL);
  return volumeAt(source, () => unmount(point));
}

function volumeAt(source: string, dispose: () => Promise<void>): MountedVolume {
  return { source, readOnly: false, [Symbol.asyncDispose]: dispose };
}
