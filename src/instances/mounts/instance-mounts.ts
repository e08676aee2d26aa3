import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { NetworkLease } from "../network/network.ts";
import type { SandboxMount } from "../sandbox.ts";
import { StartError, type StartRequest } from "../containers/start-instance.ts";
import type { MountedVolume, VolumeMounter } from "../volumes/volumes.ts";
import type { ContainerSpec, VolumeMount, VolumeSpec } from "../workload.ts";
import { mountEmptyDir } from "./empty-dirs.ts";
import { makeSharedFolder, removeUnmounted } from "./host-mounts.ts";
import { bindSubPath } from "./sub-path.ts";

export interface InstanceMountsDeps {
  /** Folder of the host for the volumes of instances; one of this process alone. */
  readonly mountsFolder: string;
  readonly volumeMounter?: VolumeMounter | undefined;
}

/** The volumes of one instance, mounted on the host. Disposed once none of its containers runs. */
export interface InstanceMounts extends AsyncDisposable {
  /** What a container mounts, outer folders first. */
  of(container: ContainerSpec): readonly SandboxMount[];
}

/**
 * Mounts the volumes that containers of the instance use, each once, so that they share it. Rejects with StartError;
 * nothing stays behind then.
 */
export async function mountVolumes(
  deps: InstanceMountsDeps,
  request: StartRequest,
  network: NetworkLease,
): Promise<InstanceMounts> {
  const { spec, id } = request;
  const mounts = spec.containers.flatMap((container) => container.mounts);
  if (mounts.length === 0) return noMounts;
  await using undo = new AsyncDisposableStack();
  const folder = join(deps.mountsFolder, id);
  await makeSharedFolder(deps.mountsFolder);
  await mkdir(folder);
  undo.defer(() => removeUnmounted(folder));
  const used = new Set(mounts.map(({ volume }) => volume));
  const volumes = new Map<string, MountedVolume>();
  for (const [index, volume] of spec.volumes.entries()) {
    if (!used.has(volume.name)) continue;
    const own = join(folder, `${index}`);
    await mkdir(own, { mode: 0o700 });
    volumes.set(volume.name, undo.use(await mountVolume(deps, volume, request, network, own)));
  }
  const sources = new Map<VolumeMount, MountedVolume>();
  for (const [index, mount] of mounts.entries()) {
    const volume = volumes.get(mount.volume);
    if (volume === undefined) throw new StartError("RUNTIME", `There is no volume "${mount.volume}" to mount.`);
    const bind = mount.subPath === undefined || mount.subPath === "" ? volume : undefined;
    sources.set(mount, bind ?? undo.use(await subPathOf(volume, mount, join(folder, `sub-${index}`))));
  }
  const owned = undo.move();
  return {
    of: (container) => outerFirst(container.mounts).map((mount) => sandboxMount(mount, sources.get(mount)!)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const noMounts: InstanceMounts = { of: () => [], [Symbol.asyncDispose]: async () => undefined };

async function mountVolume(
  deps: InstanceMountsDeps,
  volume: VolumeSpec,
  { spec, id, signal }: StartRequest,
  network: NetworkLease,
  folder: string,
): Promise<MountedVolume> {
  try {
    if (volume.kind === "memory" || volume.kind === "disk") return await mountEmptyDir(volume, spec, folder);
    const { volumeMounter } = deps;
    if (volumeMounter === undefined) throw new Error(`Volume "${volume.name}" cannot be mounted on this host.`);
    const { project, location, serviceAccountEmail } = spec;
    return await volumeMounter.mount(volume, { id, project, location, serviceAccountEmail, network, folder, signal });
  } catch (cause) {
    throw new StartError(volume.kind === "secret" ? "SECRET_NOT_ACCESSIBLE" : "RUNTIME", cause);
  }
}

async function subPathOf(volume: MountedVolume, { subPath = "" }: VolumeMount, target: string): Promise<MountedVolume> {
  return bindSubPath(volume, subPath, target).catch((cause: unknown) => {
    throw new StartError("RUNTIME", cause);
  });
}

function outerFirst(mounts: readonly VolumeMount[]): readonly VolumeMount[] {
  return mounts.toSorted((a, b) => a.path.length - b.path.length);
}

function sandboxMount({ path }: VolumeMount, { source, readOnly }: MountedVolume): SandboxMount {
  return { source, destination: path, readOnly };
}
