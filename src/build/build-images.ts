import { resolveImageUser } from "../instances/pool/image-user.ts";
import type { UnpackedImage } from "../oci/oci.ts";
import type { BuilderDeps, BuildpackBuildRequest } from "./build.ts";
import type { ReadRunImage, RunImageManifest } from "./image/run-image.ts";
import type { Owner } from "./lifecycle/tar.ts";

/** The images a build needs. */
export interface BuildImages {
  readonly run: RunImageManifest;
  readonly build: UnpackedImage;
  /** The user builds run as, and that owns what they make. */
  readonly owner: Owner;
  /** Whether the run image brings the runtime, so that the application need not. */
  readonly runImageHasRuntime: boolean;
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
  request: Pick<BuildpackBuildRequest, "runImage" | "env" | "onLogLine" | "signal">,
  needs: BuildNeeds,
): Promise<BuildImages> {
  const { runImage, env, onLogLine, signal } = request;
  const runImageHasRuntime = RUNTIME.test(runImage);
  const wanted = env["GOOGLE_RUNTIME"] ?? "";
  const runtime = RUNTIME.exec(runImage)?.[1] ?? RUNTIME.exec(wanted)?.[1] ?? DEFAULT_RUNTIME;
  const [run, build] = await Promise.all([
    runImageHasRuntime
      ? deps.baseImages
          .ensureRunImage(runImage, onLogLine, signal)
          .then((found) => readRunImage(runImage, found, signal))
      : readRunImage(runImage, runImage, signal),
    deps.baseImages
      .ensureBuildImage(runtime, onLogLine, signal, needs)
      .then((reference) => deps.images.ensure(reference, signal)),
  ]);
  return { run, build, owner: await buildOwner(build), runImageHasRuntime };
}

/** platform.md, "Build Image": CNB_USER_ID and CNB_GROUP_ID, else the image's user; never root. */
async function buildOwner(image: UnpackedImage): Promise<Owner> {
  const { env, user } = image.config;
  const [uid, gid] = [Number(env["CNB_USER_ID"]), Number(env["CNB_GROUP_ID"])];
  if (uid > 0 && gid >= 0) return { uid, gid };
  const resolved = await resolveImageUser(user, image.layers);
  return resolved.uid > 0 ? { uid: resolved.uid, gid: resolved.gid } : DEFAULT_OWNER;
}
