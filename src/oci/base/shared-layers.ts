import { mkdtempDisposable } from "node:fs/promises";
import { join } from "node:path";
import { layerImageConfig, recipeTag } from "./compose-image.ts";
import { type Composer, ensureImage, type Progress, placesOf, WORK } from "./composer.ts";
import type { BaseLayer } from "./base-layer.ts";
import { type ComposedLayer, fromFile, pushComposed, readComposed } from "./image-layers.ts";
import { runLayerTask } from "./layer-task.ts";
import type { DebianRecipe } from "./layers/debian-layer.ts";
import type { NamedLayer } from "./layers/recipe.ts";

/** HOST/PATH of the image that holds a layer which others share. */
export function sharedLayerName(codename: string, { title }: Pick<DebianRecipe, "title">): string {
  const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return `us-central1-docker.pkg.dev/serverless-runtimes/layers/${codename}-${name}`;
}

/** The base layer of a Debian release. */
export function ensureBase(composer: Composer, codename: string, onProgress: Progress): Promise<BaseLayer> {
  return composer.share(`base ${codename}`, async () => {
    const [layer] = await runLayerTask<BaseLayer>(
      { kind: "base", codename, isFresh: composer.isFresh, ...placesOf(composer) },
      onProgress,
    );
    return layer!;
  });
}

/**
 * A layer of Debian packages directly above the base layer, or of its own among others. It is kept as an image with that
 * one layer, so that the images which share it take it over and it is written once.
 */
export async function ensureSharedLayer(
  composer: Composer,
  codename: string,
  recipe: DebianRecipe,
  onProgress: Progress,
): Promise<ComposedLayer> {
  const names = { name: sharedLayerName(codename, recipe), tag: recipeTag({ codename, recipe }) };
  const reference = await ensureImage(composer, names, async (references) => {
    await using work = await mkdtempDisposable(join(composer.folder, WORK));
    const task = { kind: "shared" as const, folder: work.path, codename, recipe, ...placesOf(composer) };
    const [layer] = await runLayerTask<NamedLayer>(task, onProgress);
    const { title } = layer!;
    return await pushComposed(composer.client, references, [fromFile(layer!, title)], layerImageConfig(title));
  });
  const { layers } = await readComposed(composer.client, reference);
  return layers[0]!;
}
