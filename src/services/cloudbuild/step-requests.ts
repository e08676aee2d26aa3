import { durationMs } from "@bufbuild/protobuf/wkt";
import { fullImageName } from "../../build/steps/image-name.ts";
import { InvalidPlanError, planSteps } from "../../build/steps/plan.ts";
import type { StepRequest } from "../../build/steps/steps.ts";
import type { Build, BuildStep } from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { invalidBuild } from "./errors.ts";
import { type SecretVariables, secretsOfStep } from "./secrets/secret-variables.ts";
import { packStepOf } from "./pack-steps.ts";

/**
 * The steps of a validated build whose substitutions are done, for the builder; `secrets` become variables of the steps
 * that ask for them, and are empty as long as they are not known. Rejects with INVALID_ARGUMENT what cannot
 * be run: a graph that is not sound, a name that is no image's.
 */
export function stepRequestsOf(build: Build, secrets?: SecretVariables): StepRequest[] {
  for (const name of imagesOf(build)) checkImageName("images", name);
  const after = planOf(build.steps);
  return build.steps.map((step, index) => {
    const own = secretsOfStep(build, index, secrets);
    const request = stepRequestOf(build, step, { index, after: after[index]!, secrets: own });
    return { ...request, env: { ...request.env, ...own } };
  });
}

/** Build.images, which may also stand in Build.artifacts. */
export function imagesOf({ images, artifacts }: Build): readonly string[] {
  return images.length > 0 ? images : (artifacts?.images ?? []);
}

function stepRequestOf(
  build: Build,
  step: BuildStep,
  { index, after, secrets }: { index: number; after: readonly number[]; secrets: SecretVariables },
): StepRequest {
  const env = Object.fromEntries([...(build.options?.env ?? []), ...step.env].map(parseVariable));
  checkImageName(`steps[${index}].name`, step.name);
  const pack = packStepOf(step, index, env, secrets);
  return {
    name: step.name,
    id: step.id,
    after,
    entrypoint: step.entrypoint,
    args: step.args,
    script: step.script,
    env,
    dir: step.dir.startsWith("/") ? step.dir : [sourceDirOf(build), step.dir].filter(Boolean).join("/"),
    volumes: [...(build.options?.volumes ?? []), ...step.volumes].map(({ name, path }) => ({ name, path })),
    timeoutSeconds: step.timeout && durationMs(step.timeout) / 1000,
    allowFailure: step.allowFailure,
    allowExitCodes: step.allowExitCodes,
    ...(pack && { pack }),
  };
}

/** GitSource.dir: where steps run whose own `dir` is not absolute. */
function sourceDirOf({ source }: Build): string {
  return source?.source.case === "gitSource" ? source.source.value.dir : "";
}

function planOf(steps: readonly BuildStep[]): number[][] {
  try {
    return planSteps(steps);
  } catch (error) {
    if (error instanceof InvalidPlanError) throw invalidBuild("steps", `invalid .steps field: ${error.message}`);
    throw error;
  }
}

function checkImageName(field: string, name: string): void {
  try {
    fullImageName(name);
  } catch {
    const what = field === "images" ? "image name" : "build step name";
    const isUpper = /[A-Z]/.test(name.split(":")[0] ?? "");
    throw invalidBuild(field, `invalid ${what} "${name}"${isUpper ? " contains uppercase letters" : ""}`);
  }
}

function parseVariable(text: string): [string, string] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
}
