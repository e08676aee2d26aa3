/** The face of the floor: images as the floors above see them. Knows no Google API. */

/** A way to reach registries: the server's own one in process, every other one over the network. Same contract as fetch. */
export type RegistryFetch = (request: Request) => Promise<Response>;

/** Pulls images and keeps their layers unpacked on disk, shared by everything that runs. */
export interface ImageCache {
  /** Resolves with an image whose layers are all unpacked; concurrent calls for one layer share the work. */
  ensure(reference: string, signal?: AbortSignal): Promise<UnpackedImage>;
  /** Deletes unpacked layers that none of `digests` (manifest digests) needs. */
  prune(digests: ReadonlySet<string>): Promise<void>;
}

export interface UnpackedImage {
  /** Digest of the image manifest, sha256:HEX. */
  readonly digest: string;
  readonly config: ImageConfig;
  /** Folders of the unpacked layers, lowest first, ready to be overlayfs lower dirs (whiteouts converted). */
  readonly layers: readonly string[];
}

/** The part of the OCI image configuration that matters to run it (image-spec, config.md). */
export interface ImageConfig {
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly diffIds: readonly string[];
}

/** Base images made by homerun itself from signed distribution packages and the npm package that carries node. */
export interface BaseImages {
  /**
   * Makes sure that the run image of a runtime (for example "nodejs22", or "google-22-full/nodejs22" on a stack that is
   * not the default) exists in the server's registry and resolves with its digest reference. Composes it on first use;
   * later calls are a look-up.
   */
  ensureRunImage(runtime: string, onProgress: (line: string) => void, signal?: AbortSignal): Promise<string>;
  /**
   * The image builds run in: the run image with what builds of the language need. Without `tools` it may lack compilers
   * and the like, which are large; programs in their place then ask for them, see tool-placeholders.ts.
   */
  ensureBuildImage(
    runtime: string,
    onProgress: (line: string) => void,
    signal?: AbortSignal,
    needs?: { readonly tools?: boolean },
  ): Promise<string>;
  /** An image of programs for build steps, for example "docker"; as ensureRunImage otherwise. */
  ensureToolImage(id: string, onProgress: (line: string) => void, signal?: AbortSignal): Promise<string>;
}
