import type { UnpackedImage } from "../../oci/oci.ts";
import type { BuilderDeps, BuildpackBuildRequest } from "../build.ts";
import { type BuildImages, type BuildNeeds, resolveBuildImages } from "../build-images.ts";
import type { ReadRunImage } from "../image/run-image.ts";
import type { BuildpackChoice, Selection } from "../lifecycle/exchange.ts";
import { runtimeOfSource } from "../source-runtime.ts";
import { BuildInputError } from "./build-input-error.ts";
import { type BuildInputs, readBuildInputs } from "./build-inputs.ts";
import { pullImage, resolveBuilderImages } from "./builder-images.ts";
import type { ChosenBuildpack } from "./choose-buildpack.ts";

/** A build with everything that it is made of at hand. */
export interface PreparedBuild {
  readonly images: BuildImages;
  readonly env: Readonly<Record<string, string>>;
  readonly selection: Selection;
}

type Deps = Pick<BuilderDeps, "baseImages" | "images">;

/**
 * Finds the images of a build and the buildpacks that it asks for. Rejects with a BuildInputError or a LifecycleError when
 * something that the project or its user named cannot be had.
 */
export async function prepareBuild(
  deps: Deps,
  readRunImage: ReadRunImage,
  request: BuildpackBuildRequest,
  needs: BuildNeeds,
): Promise<PreparedBuild> {
  const inputs = readBuildInputs(request);
  const { env, builder } = inputs;
  const [images, found] = await Promise.all([
    builder === undefined
      ? resolveBuildImages(deps, readRunImage, { ...request, env, runImage: runImageOf(request, env) }, needs)
      : resolveBuilderImages(deps, readRunImage, builder, request),
    findBuildpacks(deps, inputs, request.signal),
  ]);
  const layers = [...images.build.layers, ...found.layers];
  return { env, images: { ...images, build: { ...images.build, layers } }, selection: found.selection };
}

function runImageOf({ runImage, sourceFolder }: BuildpackBuildRequest, env: PreparedBuild["env"]): string {
  return runImage || env["GOOGLE_RUNTIME"] || runtimeOfSource(sourceFolder);
}

/** Pulls the images among the buildpacks that were asked for; their layers lie over those of the build image. */
async function findBuildpacks(
  deps: Deps,
  { chosen, selection }: BuildInputs,
  signal: AbortSignal,
): Promise<{ selection: Selection; layers: string[] }> {
  const layers: string[] = [];
  const find = async ({ choice, image }: ChosenBuildpack): Promise<BuildpackChoice> => {
    if (choice) return choice;
    const pulled = await pullImage(deps, "buildpack image", image ?? "", signal);
    layers.push(...pulled.layers);
    return buildpackOf(pulled, image ?? "");
  };
  const lists: Record<string, BuildpackChoice[]> = {};
  for (const [place, choices] of Object.entries(chosen)) {
    const found: BuildpackChoice[] = [];
    for (const each of choices) found.push(await find(each));
    if (found.length > 0) lists[place] = found;
  }
  return { selection: { ...selection, ...lists }, layers };
}

/** distribution.md, "Buildpackage": a label names the buildpack that such an image is made for. */
function buildpackOf({ config }: UnpackedImage, name: string): BuildpackChoice {
  try {
    const label = JSON.parse(config.labels["io.buildpacks.buildpackage.metadata"] ?? "") as Record<string, unknown>;
    const { id, version } = label;
    if (typeof id === "string" && typeof version === "string") return { id, version };
  } catch {
    // No label, or not one of a buildpackage.
  }
  throw new BuildInputError(`the image '${name}' is not a buildpack`);
}
