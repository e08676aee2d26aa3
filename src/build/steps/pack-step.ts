import { posix } from "node:path";
import { parseReference } from "../../oci/reference.ts";
import type { BuildSuccess, PackOptions } from "../build.ts";
import { digestReference, fullImageName } from "./image-name.ts";
import { stepFolder, WORKSPACE } from "./step-command.ts";
import type { StepEnd, StepsBuild } from "./steps-build.ts";
import type { PackBuildStep } from "./steps.ts";

/** A step without a time limit of its own; the build's ends it first. */
const NO_TIMEOUT_SECONDS = 7 * 24 * 3600;

/**
 * Runs a `pack` step in the builder's own lifecycle. With --publish, or as the last step of its build, it pushes under
 * the image's names; otherwise only under the digest, and the names follow when the build has succeeded.
 */
export async function runPackStep(build: StepsBuild, index: number, isLast: boolean, signal: AbortSignal) {
  const step = build.request.steps[index]!;
  build.request.log.line(`Already have image (with digest): ${step.name}`, index);
  if (step.pack?.command !== "build") return { status: "SUCCESS", exitCode: 0 } satisfies StepEnd;
  return runPackBuild(build, index, step.pack, isLast, signal);
}

async function runPackBuild(
  build: StepsBuild,
  index: number,
  pack: PackBuildStep,
  isLast: boolean,
  signal: AbortSignal,
): Promise<StepEnd> {
  const { request, images } = build;
  const step = request.steps[index]!;
  const sourcePath = posix.relative(WORKSPACE, posix.resolve(stepFolder(step.dir), pack.path));
  if (sourcePath === ".." || sourcePath.startsWith("../"))
    return { status: "FAILURE", exitCode: 1, reason: `invalid app path '${pack.path}': it is not in ${WORKSPACE}` };
  const wanted = pack.names.filter((name) => request.images.some((image) => isSame(image, name)));
  const tagged = pack.publish ? pack.names : isLast ? wanted : [];
  const destinations = tagged.length > 0 ? tagged : pack.names.slice(0, 1).filter(hasHost);
  if (tagged.length > 0) await request.beforePush?.();
  const outcome = await build.buildWithBuildpacks({
    id: request.steps.length === 1 ? request.id : `${request.id}-${index}`,
    sourceFolder: request.workspace,
    sourcePath,
    env: pack.env,
    runImage: pack.runImage,
    pack: packOptionsOf(build, index, pack),
    destinations,
    untagged: tagged.length === 0,
    cacheKey: request.cacheKey,
    machine: request.machine,
    timeoutSeconds: step.timeoutSeconds ?? NO_TIMEOUT_SECONDS,
    serviceAccountEmail: request.serviceAccountEmail,
    project: request.project,
    location: request.location,
    onLogLine: (line) => request.log.line(line, index),
    logFlow: request.log,
    signal,
  });
  if (outcome.status === "SUCCESS") {
    for (const name of pack.names) if (outcome.images[0]) images.noteBuilt(name, outcome.images[0].digest);
    return successOf(outcome, tagged, images);
  }
  const { status, detail } = outcome;
  if (outcome.failureType === "PUSH_FAILED")
    return { status, exitCode: 1, reason: detail, detail, failureType: outcome.failureType };
  if (status === "TIMEOUT") return { status, exitCode: 1, reason: "context deadline exceeded", detail };
  return { status, exitCode: 1, reason: "step exited with non-zero status: 1", detail };
}

/** The options with paths below the workspace, and with the builder that an earlier step has made or set. */
function packOptionsOf({ request, images }: StepsBuild, index: number, { options }: PackBuildStep): PackOptions {
  const step = request.steps[index]!;
  const folder = posix.relative(WORKSPACE, stepFolder(step.dir));
  const below = (path: string): string => posix.relative(WORKSPACE, posix.resolve(stepFolder(step.dir), path));
  const earlier = request.steps.slice(0, index).map(({ pack }) => pack);
  const configured = earlier.findLast((pack) => pack?.command === "config");
  const { builder, descriptor, envFiles } = options;
  const digest = builder === undefined ? undefined : images.digestOf(builder);
  return {
    ...options,
    folder,
    ...(configured?.defaultBuilder ? { defaultBuilder: configured.defaultBuilder } : {}),
    ...(builder && digest ? { builder: digestReference(fullImageName(builder), digest) } : {}),
    ...(descriptor ? { descriptor: below(descriptor) } : {}),
    ...(envFiles ? { envFiles: envFiles.map(below) } : {}),
  };
}

function successOf(outcome: BuildSuccess, tagged: readonly string[], images: StepsBuild["images"]): StepEnd {
  for (const { name, digest } of outcome.images) if (tagged.includes(name)) images.notePushed(name, digest);
  const pushTime = outcome.phases.find(({ name }) => name === "PUSH");
  return { status: "SUCCESS", exitCode: 0, ...(pushTime && { pushTime }) };
}

function isSame(one: string, other: string): boolean {
  return fullImageName(one) === fullImageName(other);
}

/** An image without a registry stays in no registry, as with pack. */
function hasHost(name: string): boolean {
  try {
    return parseReference(name).host !== "";
  } catch {
    return false;
  }
}
