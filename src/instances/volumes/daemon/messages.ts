import type { BucketVolume, SecretVolume } from "../../workload.ts";

/** What a daemon is to mount; the first message it gets. */
export interface MountOrder {
  readonly type: "mount";
  readonly volume: SecretVolume | BucketVolume;
  readonly mountPoint: string;
  /** Folder for content that is not uploaded yet. */
  readonly stagingFolder: string;
  /** Base URL of the Cloud Storage API. */
  readonly storageUrl: string;
}

/** From the server to a daemon. `stop`: unmount, finish what is under way, end. */
export type ToDaemon = MountOrder | { readonly type: "stop" } | Answer;

/** From a daemon to the server; every `ask` gets one answer of the same id. */
export type FromDaemon =
  | { readonly type: "mounted" }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "problem"; readonly message: string }
  /** Unmounted, with everything uploaded; the process ends now. */
  | { readonly type: "finished" }
  | ({ readonly type: "ask"; readonly id: number } & Question);

/** What only the server can get, in the name of the instance's service account. */
export type Question = { readonly about: "token" } | { readonly about: "secret"; readonly version: string };

export type Answer = { readonly type: "answer"; readonly id: number } & (
  | { readonly token: string; readonly expiresInSeconds: number }
  | { readonly data: Uint8Array }
  | { readonly error: string }
);
