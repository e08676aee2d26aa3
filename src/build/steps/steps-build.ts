import type { BuilderDeps, BuildOutcome, BuildpackBuildRequest } from "../build.ts";
import type { BuildSpace } from "./build-space.ts";
import type { StepImages } from "./step-images.ts";
import type { BuildStepsRequest, Span, StepsFailure } from "./steps.ts";

/** What all builds of steps share. */
export interface StepsParts {
  readonly deps: BuilderDeps;
  /** The folder of a build on the host, by its id. */
  readonly workFolder: (id: string) => string;
  readonly buildWithBuildpacks: (request: BuildpackBuildRequest) => Promise<BuildOutcome>;
}

/** A build of steps under way. */
export interface StepsBuild extends StepsParts {
  readonly request: BuildStepsRequest;
  readonly space: BuildSpace;
  readonly images: StepImages;
}

/** How a step ended by itself or by its own time limit. */
export interface StepEnd {
  readonly status: "SUCCESS" | "FAILURE" | "TIMEOUT";
  readonly exitCode: number;
  /** Why it did not succeed, after `build step N "name" failed: `. */
  readonly reason?: string;
  /** What the program said of it, for FailureInfo.detail. */
  readonly detail?: string;
  readonly pullTime?: Span;
  readonly imageDigest?: string;
  readonly output?: Uint8Array;
  /** What failed, if not the step's own program. */
  readonly failureType?: StepsFailure["type"];
  /** When the step pushed images of the build. */
  readonly pushTime?: Span;
}

/** A push that the registry refused or that had nothing to push, by the user's fault. */
export class StepsPushError extends Error {
  override readonly name = "StepsPushError";
  readonly type: StepsFailure["type"];

  constructor(message: string, type: StepsFailure["type"], options?: ErrorOptions) {
    super(message, options);
    this.type = type;
  }
}
