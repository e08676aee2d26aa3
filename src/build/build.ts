import type { NetworkLease, Networks } from "../instances/network/network.ts";
import type { Sandboxes } from "../instances/sandbox.ts";
import type { InstanceSurroundings, MetadataServer } from "../instances/serving.ts";
import type { DistributionClient } from "../oci/distribution/client.ts";
import type { BaseImages, ImageCache } from "../oci/oci.ts";
import type { Clock } from "../platform/clock.ts";
import type { Ids } from "../platform/ids.ts";
import type { Log } from "../platform/log.ts";
import type { RebasedImage, RebaseRequest } from "./image/rebase-image.ts";
import type { PackageAccess } from "./package-access/package-access.ts";
import type { LogFlow } from "./run-lifecycle.ts";
import type { StepImageProvider } from "./steps/step-image.ts";
import type { BuildStepsOutcome, BuildStepsRequest } from "./steps/steps.ts";

/** The face of the floor: what services/cloudbuild asks of it. Knows no Google API. */
export interface Builder {
  /**
   * Runs a buildpacks build in a sandbox and pushes the image. Resolves with what was built or with a failure that is
   * the user's (a BuildFailure); rejects only when the machine failed or the signal aborted.
   * Idempotent by `id`: running it again after a crash ends with the same image digest.
   */
  buildWithBuildpacks(request: BuildpackBuildRequest): Promise<BuildOutcome>;
  /**
   * Runs the steps of a build, each as soon as those it waits for have succeeded, and pushes its images after the last.
   * Resolves with how it ended; rejects only when the machine failed or the signal aborted. Nothing of it runs then, and
   * nothing is pushed later. Running it again after a crash starts from the beginning.
   */
  runBuildSteps(request: BuildStepsRequest): Promise<BuildStepsOutcome>;
  /**
   * Puts another run image below an image that was built with buildpacks, without building it again; rejects with a
   * RebaseError when that must not be done.
   */
  rebaseImage(request: RebaseRequest): Promise<RebasedImage>;
  /** Removes sandboxes and work folders that an earlier process left behind. */
  removeLeftovers(): Promise<void>;
}

export interface BuildpackBuildRequest {
  /** Build id (a UUID). */
  readonly id: string;
  /** A folder with the unpacked source; the builder does not change it. */
  readonly sourceFolder: string;
  /** Folder of the application below it; followed inside the sandbox only, so that no link leads out. */
  readonly sourcePath?: string;
  /** Build environment: GOOGLE_FUNCTION_TARGET, GOOGLE_RUNTIME, ... and the user's own. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Name of the base (run) image: a runtime id such as "nodejs22", an image reference, or "" for that of
   * the builder image or GOOGLE_RUNTIME.
   */
  readonly runImage: string;
  /** What options of `pack build` ask for. */
  readonly pack?: PackOptions;
  /** Where the image goes: HOST/PROJECT/REPOSITORY/IMAGE:TAG... ; pushed to each tag, or nowhere when there is none. */
  readonly destinations: readonly string[];
  /** Pushes under the digest alone; the tags of the destinations stay what they are. */
  readonly untagged?: boolean;
  /** Builds with the same key share caches (dependencies by lockfile); one project's caches are never another's. */
  readonly cacheKey: string;
  readonly machine: { readonly cpus: number; readonly memoryBytes: number };
  readonly timeoutSeconds: number;
  /** The identity whose tokens the build's metadata server hands out. */
  readonly serviceAccountEmail: string;
  readonly project: { readonly id: string; readonly number: string };
  /** Region the build runs in, for the metadata server. */
  readonly location: string;
  /** Receives each line of the build log as it is written, without line end. */
  readonly onLogLine: (line: string) => void;
  readonly logFlow?: LogFlow;
  readonly signal: AbortSignal;
}

/** Options of `pack build` that choose what builds; paths are those below the source folder. */
export interface PackOptions {
  /** Name of a builder image; a builder of Google's stands for our own buildpacks. */
  readonly builder?: string;
  /** The builder where neither `builder` nor the project names one. */
  readonly defaultBuilder?: string;
  /** Folder that relative locators start from. */
  readonly folder?: string;
  /** Locators of buildpacks in place of the builder's order: ids, folders, images, "from=builder". */
  readonly buildpacks?: readonly string[];
  readonly preBuildpacks?: readonly string[];
  readonly postBuildpacks?: readonly string[];
  /** Process type that the image starts. */
  readonly defaultProcess?: string;
  /** Project descriptor in place of project.toml in the application's folder. */
  readonly descriptor?: string;
  /** Files of NAME=VALUE lines. */
  readonly envFiles?: readonly string[];
}

export type BuildOutcome = BuildSuccess | BuildFailure;

export interface BuildSuccess {
  readonly status: "SUCCESS";
  readonly images: readonly { readonly name: string; readonly digest: string }[];
  /** The run image the result stands on, by digest. */
  readonly runImage: string;
  /** What each phase took, for the Build's timing field and the step list. */
  readonly phases: readonly { readonly name: string; readonly startMs: number; readonly endMs: number }[];
}

export interface BuildFailure {
  readonly status: "FAILURE" | "TIMEOUT";
  /** google.devtools.cloudbuild.v1.Build.FailureInfo.FailureType name. */
  readonly failureType: "PUSH_FAILED" | "USER_BUILD_STEP" | "FETCH_SOURCE_FAILED";
  readonly detail: string;
  readonly phases: readonly { readonly name: string; readonly startMs: number; readonly endMs: number }[];
}

/** What createBuilder (create-builder.ts) needs from the floors below, and from the composition root. */
export interface BuilderDeps {
  /** The server's data folder; work folders and caches of builds lie below it. */
  readonly dataFolder: string;
  readonly sandboxes: Pick<Sandboxes, "start">;
  readonly networks: Pick<Networks, "acquire">;
  /** What a build gets besides its own settings: names that resolve to homerun, its CA, ... */
  readonly surroundings: (network: NetworkLease) => InstanceSurroundings;
  readonly metadata: Pick<MetadataServer, "register">;
  readonly images: Pick<ImageCache, "ensure">;
  readonly baseImages: BaseImages;
  readonly registry: DistributionClient;
  /** Asked for by each build; finding it out takes a moment, so nobody waits for it before the first one. */
  readonly packages: () => Promise<PackageAccess>;
  /** A node of version 24 or later that runs in the build images; the lifecycle runs on it, whatever the runtime is. */
  readonly lifecycleNode: string;
  /** Step images that are made here in place of being pulled; the first that matches a step gets it. */
  readonly stepImages?: readonly StepImageProvider[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}
