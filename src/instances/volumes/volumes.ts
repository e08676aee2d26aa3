import type { NetworkLease } from "../network/network.ts";
import type { BucketVolume, SecretVolume } from "../workload.ts";

/** Provides the volumes whose content comes from other services; `CreateServingDeps.volumeMounter` is one. */
export interface VolumeMounter {
  /**
   * Makes the content of a volume available on the host before any container of the instance starts. Rejects with an
   * Error whose message is for the user, for example when the service account may not read it; nothing is left behind
   * then. Aborting `instance.signal` may end it early.
   */
  mount(volume: SecretVolume | BucketVolume, instance: VolumeInstance): Promise<MountedVolume>;
}

/** The instance that a volume is mounted for. */
export interface VolumeInstance {
  readonly id: string;
  readonly project: { readonly id: string; readonly number: string };
  readonly location: string;
  /** The identity in whose name the volume is read and written. */
  readonly serviceAccountEmail: string;
  /** The instance's own network; `gateway` is where the host listens for it. */
  readonly network: Pick<NetworkLease, "address" | "gateway">;
  /** An empty folder on the host, of this volume alone, in which it may be put together; removed after it is disposed. */
  readonly folder: string;
  /** Aborts when the instance is no longer wanted. */
  readonly signal: AbortSignal;
}

/** A volume that containers may bind. Disposed once no container of the instance runs; whoever mounted it unmounts it. */
export interface MountedVolume extends AsyncDisposable {
  /** Absolute path of the host's folder that holds the content; if it is a mount point, mounted before `mount` resolved. */
  readonly source: string;
  /** Whether containers may only read it. */
  readonly readOnly: boolean;
}
