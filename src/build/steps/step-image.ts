import type { SandboxSpec } from "../../instances/sandbox.ts";
import type { UnpackedImage } from "../../oci/oci.ts";
import type { BuildStepsRequest, StepRequest } from "./steps.ts";

/**
 * Step images that homerun makes itself in place of pulling them, for example the docker builder. A provider is asked
 * in the order of `BuilderDeps.stepImages`; the first that matches a step's name gets the step.
 */
export interface StepImageProvider {
  /** Whether a step of this image name (as in BuildStep.name, with tag or digest if given) is this provider's. */
  matches(name: string): boolean;
  /**
   * Called once per build, before its first matching step, with an empty `folder` of the build's own that lies on the
   * build's disk and goes with it; counted against the build's disk size. Rejects only when the machine failed.
   */
  open(build: BuildStepsRequest, folder: string): Promise<StepImageSession>;
}

/** What a provider keeps for one build: its store of images lives here, from step to step. Disposed when the build ends. */
export interface StepImageSession extends AsyncDisposable {
  /**
   * What runs a step. Steps may run at the same time, so this may be called while another step of the build runs.
   * A StepImageError fails the step with its message.
   */
  prepare(step: StepRequest, signal: AbortSignal): Promise<PreparedStep>;
  /**
   * An image that an earlier step of the build left in the store under this name ("name", "name:tag", HOST/PATH:TAG; no
   * tag means latest), unpacked, so that a later step can run in it; undefined when the store has none.
   */
  findImage(name: string, signal: AbortSignal): Promise<UnpackedImage | undefined>;
  /** Whether the store has an image under this name. */
  hasImage(name: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Pushes the image that the store has under this name to the registry it names, for Build.images and
   * Artifacts.images. Resolves with the manifest's digest; rejects with a RegistryClientError when the registry refuses.
   */
  pushImage(name: string, signal: AbortSignal): Promise<string>;
}

/** How a provider wants a step run. */
export interface PreparedStep {
  /** The root file system and configuration; the step's entrypoint, args, script, env and dir count as with any image. */
  readonly image: UnpackedImage;
  /**
   * The last word on the step's sandbox: gets what any step gets (/workspace, /builder/home, volumes, network, limits,
   * user) and answers with what is run, for example with more mounts, variables or privileges.
   */
  readonly adjust?: (spec: SandboxSpec) => SandboxSpec;
}

/** A step that cannot be prepared, by the user's fault; the message goes to the log and into the failure. */
export class StepImageError extends Error {
  override readonly name = "StepImageError";
}
