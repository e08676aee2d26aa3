import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { CreateServingDeps } from "../serving.ts";
import type { BucketVolume, SecretVolume } from "../workload.ts";
import { parseMountOptions } from "./bucket/mount-options.ts";
import { createDaemons } from "./daemon/daemons.ts";
import type { VolumeInstance, VolumeMounter } from "./volumes.ts";

/** What the access tokens of daemons are for. */
const STORAGE_SCOPE = "https://www.googleapis.com/auth/devstorage.full_control";

export interface FuseVolumesDeps {
  readonly identity: Pick<CreateServingDeps["identity"], "accessToken">;
  readonly accessSecret: CreateServingDeps["accessSecret"];
  /** Base URL of the Cloud Storage API on this machine; asked for each mount. */
  readonly storageUrl: () => string;
  /** A folder that only the server may write, in which Node.js keeps compiled code; made when needed. */
  readonly compileCache?: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Volumes of secrets and buckets as FUSE mounts, with a process for each instance. Needs root and /dev/fuse. */
export function fuseVolumes(deps: FuseVolumesDeps): VolumeMounter {
  const daemons = createDaemons(deps);
  return {
    async mount(volume, instance) {
      const { folder, signal } = instance;
      const mountPoint = join(folder, "mount");
      const stagingFolder = join(folder, "staging");
      await Promise.all([mountPoint, stagingFolder].map((path) => mkdir(path, { mode: 0o700 })));
      signal.throwIfAborted();
      const order = { volume, mountPoint, stagingFolder, storageUrl: deps.storageUrl() };
      const mounted = await daemons.mount(instance.id, { order, answer: answers(deps, volume, instance), signal });
      return {
        source: mountPoint,
        readOnly: isReadOnly(volume),
        [Symbol.asyncDispose]: () => mounted[Symbol.asyncDispose](),
      };
    },
  };
}

function isReadOnly(volume: SecretVolume | BucketVolume): boolean {
  return volume.kind === "secret" || volume.readOnly || parseMountOptions(volume.mountOptions).readOnly;
}

/** What a daemon asks for is got in the name of its instance's service account, and only what its volume names. */
function answers({ identity, accessSecret }: FuseVolumesDeps, volume: SecretVolume | BucketVolume, of: VolumeInstance) {
  const { serviceAccountEmail } = of;
  return {
    token: () => identity.accessToken(serviceAccountEmail, [STORAGE_SCOPE]),
    secret: async (version: string) => {
      if (volume.kind !== "secret") throw new Error(`Volume ${volume.name} is not a secret.`);
      return accessSecret({ project: volume.project, secret: volume.secret, version }, serviceAccountEmail);
    },
  };
}
