import { resolveImageUser } from "../instances/containers/image-user.ts";
import type { UnpackedImage } from "../oci/oci.ts";
import type { BuilderDeps, BuildpackBuildRequest } from "./build.ts";
import type { ReadRunImage, RunImageManifest } from "./image/run-image.ts";
import type { Owner } from "./lifecycle/tar.ts";
import { mayUseSystemPackages } from "./uses-system-packages.ts";

/** The images a build needs. */
export interface BuildImages {
  /** May still be composed while the build runs. */
  readonly run: RunImageManifest | Promise<RunImageManifest>;
  readonly build: UnpackedImage;
  /** The user builds run as, and that owns what they make. */
  readonly owner: Owner;
  /** Whether the run image brings the runtime, so that the application need not. */
  readonly runImageHasRuntime: boolean;
  /** Where a builder image of another maker has its order and its buildpacks; our own count when absent. */
  readonly builder?: { readonly order: string; readonly buildpacks: string };
}

/** Which image a build runs in. */
export interface BuildNeeds {
  /** Whether the build has asked for the tools that most builds do without. */
  readonly tools: boolean;
}

/** A runtime id such as nodejs22, or with its stack as google-22-full/nodejs22; all else is an image reference. */
const RUNTIME = /^(?:google-\d+(?:-full)?\/)?([a-z]+\d*)$/;
/** What builds whose run image is no runtime run in, unless GOOGLE_RUNTIME names one. */
const DEFAULT_RUNTIME = "nodejs24";
/** Users of images made for Cloud Native Buildpacks that do not say which. */
const DEFAULT_OWNER: Owner = { uid: 1000, gid: 1000 };

/** Finds or makes the run image and the build image of a request. */
export async function resolveBuildImages(
  deps: Pick<BuilderDeps, "baseImages" | "images">,
  readRunImage: ReadRunImage,
  request: BuildpackBuildRequest,
  needs: BuildNeeds,
): Promise<BuildImages> {
  const { env, onLogLine, signal } = request;
  const runImage = await smallestRunImage(request);
  const runImageHasRuntime = RUNTIME.test(runImage);
  const wanted = env["GOOGLE_RUNTIME"] ?? "";
  const runtime = RUNTIME.exec(runImage)?.[1] ?? RUNTIME.exec(wanted)?.[1] ?? DEFAULT_RUNTIME;
  const run = runImageHasRuntime
    ? composedRunImage(deps, readRunImage, runImage, request)
    : readRunImage(runImage, runImage, signal);
  // Whoever waits for it hears of its failure; before that the build may fail otherwise.
  run.catch(() => {});
  // One that cannot be had should not cost a build.
  if (!runImageHasRuntime) await run;
  const build = await deps.images.ensure(
    await deps.baseImages.ensureBuildImage(runtime, onLogLine, signal, needs),
    signal,
  );
  return { run, build, owner: await buildOwner(build), runImageHasRuntime };
}

async function composedRunImage(
  { baseImages, images }: Pick<BuilderDeps, "baseImages" | "images">,
  readRunImage: ReadRunImage,
  runImage: string,
  { onLogLine, signal }: BuildpackBuildRequest,
): Promise<RunImageManifest> {
  const reference = await baseImages.ensureRunImage(runImage, onLogLine, signal);
  // The first instance finds it unpacked; it will say itself what is wrong with it.
  images.ensure(reference).catch(() => {});
  return readRunImage(runImage, reference, signal);
}

/**
 * The run image that is asked for. Functions are on the full stack without having asked for it, and one that cannot
 * use what the full stack has above the other one need not wait until it is composed.
 */
async function smallestRunImage(request: BuildpackBuildRequest): Promise<string> {
  const { runImage, env, sourceFolder } = request;
  const small = runImage.replace(/^(google-\d+)-full\//, "$1/");
  if (small === runImage || env["X_GOOGLE_TARGET_PLATFORM"] !== "gcf") return runImage;
  return (await mayUseSystemPackages(sourceFolder)) ? runImage : small;
}

/** The runtime of a run image that is made here; undefined for an image reference. */
export function runtimeOf(runImage: string): string | undefined {
  return RUNTIME.exec(runImage)?.[1];
}

/** platform.md, "Build Image": CNB_USER_ID and CNB_GROUP_ID, else the image's user; never root. */
export async function buildOwner(image: UnpackedImage): Promise<Owner> {
  const { env, user } = image.config;
  const [uid, gid] = [Number(env["CNB_USER_ID"]), Number(env["CNB_GROUP_ID"])];
  if (uid > 0 && gid >= 0) return { uid, gid };
  const resolved = await resolveImageUser(user, image.layers);
  return resolved.uid > 0 ? { uid: resolved.uid, gid: resolved.gid } : DEFAULT_OWNER;
}
