import type { Log } from "../platform/log.ts";

/** The face of the floor: what services/cloudbuild asks of it. Knows no Google API. */
export interface Builder {
  /**
   * Runs a buildpacks build in a sandbox and pushes the image. Resolves with what was built or with a failure that is
   * the user's (a BuildFailure); rejects only when the machine failed or the signal aborted.
   * Idempotent by `id`: running it again after a crash ends with the same image digest.
   */
  buildWithBuildpacks(request: BuildpackBuildRequest): Promise<BuildOutcome>;
  /** Removes sandboxes and work folders that an earlier process left behind. */
  removeLeftovers(): Promise<void>;
}

export interface BuildpackBuildRequest {
  /** Build id (a UUID). */
  readonly id: string;
  /** A folder with the unpacked source; the builder does not change it. */
  readonly sourceFolder: string;
  /** Build environment: GOOGLE_FUNCTION_TARGET, GOOGLE_RUNTIME, ... and the user's own. */
  readonly env: Readonly<Record<string, string>>;
  /** Name of the base (run) image: a runtime id such as "nodejs22", or an image reference. */
  readonly runImage: string;
  /** Where the image goes: HOST/PROJECT/REPOSITORY/IMAGE:TAG... ; pushed to each tag. */
  readonly destinations: readonly string[];
  /** Builds with the same key share caches (dependencies by lockfile); one project's caches are never another's. */
  readonly cacheKey: string;
  readonly machine: { readonly cpus: number; readonly memoryBytes: number };
  readonly timeoutSeconds: number;
  /** The identity whose tokens the build's metadata server hands out. */
  readonly serviceAccountEmail: string;
  readonly project: { readonly id: string; readonly number: string };
  /** Receives each line of the build log as it is written, without line end. */
  readonly onLogLine: (line: string) => void;
  readonly signal: AbortSignal;
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

export interface BuilderDeps {
  readonly log: Log;
}
