import type { PackOptions } from "../build.ts";
import type { LogFlow } from "../run-lifecycle.ts";

/** A build made of steps, as services/cloudbuild asks for it. Substitutions are done, and the graph is known to be sound. */
export interface BuildStepsRequest {
  /** Build id (a UUID). */
  readonly id: string;
  /** A folder on the host that steps have as /workspace, and change. */
  readonly workspace: string;
  readonly steps: readonly StepRequest[];
  /** Images to push when all steps have succeeded: HOST/PATH[:TAG]. */
  readonly images: readonly string[];
  /** Builds with the same key share caches; one project's caches are never another's. */
  readonly cacheKey: string;
  /** CPUs and memory of each step. */
  readonly machine: { readonly cpus: number; readonly memoryBytes: number };
  /** What workspace, volumes, home and writable layers may take together, bytes. */
  readonly diskBytes: number;
  /** Time from the start of the first step to the end of the last push. */
  readonly timeoutSeconds: number;
  /** The identity whose tokens the steps' metadata server hands out. */
  readonly serviceAccountEmail: string;
  readonly project: { readonly id: string; readonly number: string };
  /** Region the build runs in, for the metadata server. */
  readonly location: string;
  readonly log: StepsLog;
  /** Awaited before anything gets a name in a registry, maybe more than once; the build pushes nothing when it rejects. */
  readonly beforePush?: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Where the lines of a build go. */
export interface StepsLog extends LogFlow {
  /** Takes a line without its end, of a step or of the build itself. */
  line(text: string, step?: number): void;
}

/** A step; Google: cloudbuild.proto, BuildStep. */
export interface StepRequest {
  /** Name of the image: HOST/PATH[:TAG][@DIGEST], or a short name of Docker Hub. */
  readonly name: string;
  readonly id: string;
  /** Indexes of the steps that have to succeed first. */
  readonly after: readonly number[];
  /** Replaces the image's entrypoint, unless "". */
  readonly entrypoint: string;
  readonly args: readonly string[];
  /** Runs in place of entrypoint and args, unless "". */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Working directory: relative to /workspace, or absolute. */
  readonly dir: string;
  readonly volumes: readonly StepVolume[];
  readonly timeoutSeconds: number | undefined;
  readonly allowFailure: boolean;
  readonly allowExitCodes: readonly number[];
  /** What a step of the `pack` image comes to; it runs in homerun's own lifecycle. */
  readonly pack?: PackStep;
}

/** A named folder that lives as long as the build; steps that name it share it. */
export interface StepVolume {
  readonly name: string;
  /** Absolute path in the step. */
  readonly path: string;
}

/** The command of a `pack` step. */
export type PackStep = PackBuildStep | PackConfigStep;

/** `pack config default-builder`. */
export interface PackConfigStep {
  readonly command: "config";
  /** Builder of later `pack build` steps that name none. */
  readonly defaultBuilder?: string;
}

/** `pack build`. */
export interface PackBuildStep {
  readonly command: "build";
  /** Names of the image, the first one given as argument. */
  readonly names: readonly string[];
  /** Whether the step itself pushes (--publish); otherwise the image is there for later steps and for Build.images. */
  readonly publish: boolean;
  /** Build environment. */
  readonly env: Readonly<Record<string, string>>;
  /** A runtime id such as "nodejs22", an image reference, or "" where none is named. */
  readonly runImage: string;
  /** What else its options ask for; paths are relative to the step's working directory. */
  readonly options: PackOptions;
  /** Folder of the application, relative to the step's working directory. */
  readonly path: string;
}

/** How a build of steps ended. */
export interface BuildStepsOutcome {
  readonly status: "SUCCESS" | "FAILURE" | "TIMEOUT";
  /** Why it did not succeed. */
  readonly failure?: StepsFailure;
  /** In the order of the request. */
  readonly steps: readonly StepResult[];
  /** Images that the build pushed, in the order of BuildStepsRequest.images; what a `pack build --publish` pushed comes first. */
  readonly images: readonly PushedStepImage[];
  /** From the start of the first step to the end of the last one; absent when none started. */
  readonly buildTime?: Span;
  /** Absent when there was nothing to push. */
  readonly pushTime?: Span;
}

export interface StepsFailure {
  /** google.devtools.cloudbuild.v1.Build.FailureInfo.FailureType name. */
  readonly type: "PUSH_FAILED" | "PUSH_IMAGE_NOT_FOUND" | "PUSH_NOT_AUTHORIZED" | "USER_BUILD_STEP";
  /** One sentence in Google's words, for the log: `build step 0 "ubuntu" failed: step exited with non-zero status: 1`. */
  readonly message: string;
  /** What a failing buildpack or program said of itself, for FailureInfo.detail; the message otherwise. */
  readonly detail: string;
}

/** Milliseconds since the Unix epoch. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

export interface StepResult {
  readonly status: "QUEUED" | "SUCCESS" | "FAILURE" | "TIMEOUT" | "CANCELLED" | "INTERNAL_ERROR";
  readonly time?: Span;
  readonly pullTime?: Span;
  /** Of a step that ended by itself with another code than 0. */
  readonly exitCode: number;
  /** Digest of the step's image, sha256:HEX; "" for a step that ran in none. */
  readonly imageDigest: string;
  /** What the step wrote to $BUILDER_OUTPUT/output. */
  readonly output: Uint8Array;
}

export interface PushedStepImage {
  readonly name: string;
  readonly digest: string;
  readonly pushTime?: Span;
}
