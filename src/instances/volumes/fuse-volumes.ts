import { readFile } from "node:fs/promises";
import { mkdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { CreateServingDeps } from "../serving.ts";
import type { BucketVolume, SecretVolume } from "../workload.ts";
import { startDaemon } from "./daemon/start-daemon.ts";
import { unmount } from "./fuse/mount-fuse.ts";
import type { MountedVolume, VolumeInstance, VolumeMounter } from "./volumes.ts";

export interface FuseVolumesDeps extends Pick<CreateServingDeps, "identity" | "accessSecret"> {
  /** Mount points and what is not uploaded yet live below it, in `volumes`. */
  readonly dataDir: string;
  /** Base URL of the Cloud Storage API; asked for each mount. */
  readonly storageUrl: () => string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Volumes of secrets and buckets, each a FUSE mount of a process of its own. Needs root and /dev/fuse. */
export function fuseVolumes(deps: FuseVolumesDeps): VolumeMounter {
  let count = 0;
  return {
    async mount(volume, instance) {
      await using undo = new AsyncDisposableStack();
      const folder = join(volumesFolder(deps.dataDir), `${instance.id}-${count++}`);
      const mountPoint = join(folder, "mount");
      const stagingFolder = join(folder, "staging");
      await mkdir(mountPoint, { recursive: true, mode: 0o700 });
      await mkdir(stagingFolder, { mode: 0o700 });
      undo.defer(() => removeFolder(folder, mountPoint, stagingFolder));
      instance.signal.throwIfAborted();
      const order = { type: "mount", volume, mountPoint, stagingFolder, storageUrl: deps.storageUrl() } as const;
      undo.use(await startDaemon({ ...deps, order, answer: answers(deps, volume, instance), signal: instance.signal }));
      const owned = undo.move();
      const mounted: MountedVolume = {
        source: mountPoint,
        readOnly: volume.kind === "secret" || volume.readOnly,
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      };
      return mounted;
    },
  };
}

/** Unmounts what daemons of an earlier process of the data folder left behind, and removes their folders. */
export async function removeVolumeLeftovers(dataDir: string): Promise<void> {
  const folder = volumesFolder(dataDir);
  for (const mountPoint of await mountsBelow(folder)) await unmount(mountPoint);
  // Only now: what is mounted must not be emptied.
  if ((await mountsBelow(folder)).length === 0) await rm(folder, { recursive: true, force: true });
}

/** What a daemon asks for is got in the name of its instance's service account, and only what its volume names. */
function answers(
  { identity, accessSecret }: FuseVolumesDeps,
  volume: SecretVolume | BucketVolume,
  instance: VolumeInstance,
) {
  const { serviceAccountEmail } = instance;
  return {
    token: () => identity.accessToken(serviceAccountEmail, ["https://www.googleapis.com/auth/devstorage.full_control"]),
    secret: (version: string) => {
      if (volume.kind !== "secret") throw new Error("not a secret");
      return accessSecret({ project: volume.project, secret: volume.secret, version }, serviceAccountEmail);
    },
  };
}

function volumesFolder(dataDir: string): string {
  return join(dataDir, "volumes");
}

/** Never deletes below the mount point: if something is mounted there still, that fails. */
async function removeFolder(folder: string, mountPoint: string, stagingFolder: string): Promise<void> {
  await rmdir(mountPoint);
  await rm(stagingFolder, { recursive: true, force: true });
  await rmdir(folder);
}

/** Mount points below a folder, innermost last mounted first; the kernel's list is read, no mount is touched. */
async function mountsBelow(folder: string): Promise<string[]> {
  const lines = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  const mountPoints = lines.map((line) => unescapeMount(line.split(" ")[4] ?? ""));
  return mountPoints.filter((path) => path.startsWith(`${folder}/`)).reverse();
}

/** proc_pid_mountinfo(5): blanks and backslashes are written in octal. */
function unescapeMount(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
