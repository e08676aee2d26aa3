import type { BucketVolume, SecretVolume } from "../../workload.ts";

/** A volume that a daemon is to mount. */
export interface MountOrder {
  /** Number of the volume within its daemon. */
  readonly id: number;
  readonly volume: SecretVolume | BucketVolume;
  readonly mountPoint: string;
  /** Folder for content that is not uploaded yet. */
  readonly stagingFolder: string;
  /** Base URL of the Cloud Storage API. */
  readonly storageUrl: string;
}

/** From the server to a daemon. `unmount`: finish what is under way, and upload what is left. */
export type ToDaemon =
  | ({ readonly type: "mount" } & MountOrder)
  | { readonly type: "unmount"; readonly id: number }
  | Answer;

/** From a daemon to the server, about the volume `id`; every `ask` gets one answer with its `question`. */
export type FromDaemon = { readonly id: number } & (
  | { readonly type: "mounted" }
  | { readonly type: "unmounted" }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "problem"; readonly message: string }
  | ({ readonly type: "ask"; readonly question: number } & Question)
);

/** What only the server can get, in the name of the instance's service account. */
export type Question = { readonly about: "token" } | { readonly about: "secret"; readonly version: string };

export type Answer = { readonly type: "answer"; readonly question: number } & (
  | { readonly token: string; readonly expiresInSeconds: number }
  | { readonly data: Uint8Array }
  | { readonly error: string }
);
