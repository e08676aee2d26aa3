import type { LaunchEnvironment } from "./launch-environment.ts";

/** What the builder and the lifecycle tell each other, as JSON files. The builder checks what it reads: it is untrusted. */

/** What the previous build of the same image left. */
export interface RestoreRequest {
  readonly buildpacks: readonly PreviousBuildpack[];
}

export interface PreviousBuildpack {
  readonly key: string;
  readonly layers: Readonly<Record<string, PreviousLayer>>;
  /** The [metadata] of store.toml. */
  readonly store?: Readonly<Record<string, unknown>>;
}

export interface PreviousLayer extends BuiltLayerRecord {
  /** Whether the content lies in the layers directory, below a copy-on-write mount of which it is the lower part. */
  readonly present: boolean;
}

/** A layer as the io.buildpacks.lifecycle.metadata label has it. */
export interface LayerRecord {
  /** Diff id, sha256:HEX. */
  readonly sha: string;
  /** The [metadata] of the layer's TOML file. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly build: boolean;
  readonly launch: boolean;
  readonly cache: boolean;
}

/** A layer with what the next build needs to use it again without looking inside. */
export interface BuiltLayerRecord extends LayerRecord {
  readonly launchEnvironment?: LaunchEnvironment;
  /** Digests of its software bills of materials, by file extension. */
  readonly sbom?: Readonly<Record<string, string>>;
}

/** What a project or its user asks of a build besides what the builder does by itself. */
export interface Selection {
  /** In place of the builder's order. */
  readonly group?: readonly BuildpackChoice[];
  readonly pre?: readonly BuildpackChoice[];
  readonly post?: readonly BuildpackChoice[];
  /** .gitignore patterns of what becomes the application, or of what does not; never both. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** A buildpack of the builder (its newest version for ""), one in a folder of the source, one written out, or the builder's. */
export type BuildpackChoice =
  | { readonly id: string; readonly version: string }
  | { readonly path: string }
  | InlineBuildpack
  | { readonly fromBuilder: true };

export interface InlineBuildpack {
  readonly id: string;
  readonly version: string;
  readonly inline: { readonly api: string; readonly shell: string; readonly script: string };
}

export interface LifecycleResult {
  readonly phases: readonly PhaseTime[];
  readonly group: readonly {
    readonly id: string;
    readonly version: string;
    readonly api: string;
    readonly homepage?: string;
  }[];
  readonly processes: readonly ProcessRecord[];
  /** Process type that the image starts by default; absent when no buildpack named one. */
  readonly defaultProcess?: string;
  readonly labels: readonly { readonly key: string; readonly value: string }[];
  readonly buildpacks: readonly BuildpackRecord[];
  /** Layers of the image on top of the run image, lowest first, then those that are only cached. */
  readonly archives: readonly LayerArchive[];
  /** Software bills of materials of layers, for the next build. */
  readonly sboms: readonly SbomFile[];
  /** Diff ids of the application layers; the slices first. */
  readonly app: readonly string[];
  readonly launcher: string;
  readonly config: string;
  readonly sbom?: string;
}

export interface BuildpackRecord {
  readonly key: string;
  readonly version: string;
  readonly layers: Readonly<Record<string, BuiltLayerRecord>>;
  readonly store?: Readonly<Record<string, unknown>>;
}

export interface LayerArchive {
  readonly diffId: string;
  /** For the image's history. */
  readonly createdBy: string;
  /** False for a layer that is kept for the next build but is not part of the image. */
  readonly launch: boolean;
  /** True when the next build wants the content back. */
  readonly cache: boolean;
  /** The gzipped archive in the output directory; absent when the previous build's layer is used again. */
  readonly blob?: { readonly file: string; readonly digest: string; readonly size: number };
}

/** A software bill of materials in the output directory. */
export interface SbomFile {
  readonly file: string;
  readonly digest: string;
  readonly size: number;
}

/** Milliseconds since the lifecycle started. */
export interface PhaseTime {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** A process as the io.buildpacks.build.metadata label has it. */
export interface ProcessRecord {
  readonly type: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly direct: boolean;
  readonly "working-dir"?: string;
  readonly buildpackID: string;
  /** Execution environments it is for; ["*"] for all. */
  readonly "exec-env": readonly string[];
}

/** What a failing buildpack leaves in BUILDER_OUTPUT/output; the fields that Google's buildpacks write. */
export interface BuilderOutput {
  readonly error?: {
    readonly buildpackId: string;
    readonly buildpackVersion: string;
    readonly errorType: string;
    readonly canonicalCode: string;
    readonly errorId: string;
    readonly errorMessage: string;
  };
}
