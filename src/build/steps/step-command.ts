import { posix } from "node:path";
import type { ImageConfig } from "../../oci/oci.ts";
import type { StepRequest } from "./steps.ts";

/** Where steps have the build's files. */
export const WORKSPACE = "/workspace";
/** HOME of steps; it lives as long as the build. */
export const STEP_HOME = "/builder/home";
/** BUILDER_OUTPUT of steps. */
export const STEP_OUTPUTS = "/builder/outputs";
/** Where a step that has a script finds it. */
export const SCRIPT = "/builder/script";
/** Google: build-config-file-schema, "script": what a script without an interpreter of its own runs in. */
const DEFAULT_INTERPRETER = "#!/bin/bash -e\n";

/** The command line of a step, as `docker run [--entrypoint E] IMAGE ARGS` has it; empty when there is none. */
export function stepCommand(step: StepRequest, image: Pick<ImageConfig, "entrypoint" | "cmd">): string[] {
  if (step.script !== "") return [SCRIPT];
  if (step.entrypoint !== "") return [step.entrypoint, ...step.args];
  return [...image.entrypoint, ...(step.args.length > 0 ? step.args : image.cmd)];
}

/** The text of the file that runs a step's script. */
export function scriptFile(script: string): string {
  return script.startsWith("#!") ? script : `${DEFAULT_INTERPRETER}${script}`;
}

/** The working directory of a step, absolute. */
export function stepFolder(dir: string): string {
  return posix.resolve(WORKSPACE, dir);
}
