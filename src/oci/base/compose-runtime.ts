import { mkdtempDisposable } from "node:fs/promises";
import { join } from "node:path";
import type { ImageConfigFile } from "../image-config.ts";
import { recipeTag, runImageConfig } from "./compose-image.ts";
import { type Composer, ensureImage, lookUp, type Names, placesOf, type Progress, WORK } from "./composer.ts";
import { type ComposedLayer, fromFile, pushComposed, readComposed } from "./image-layers.ts";
import { type LayerTask, runLayerTask } from "./layer-task.ts";
import type { NamedLayer } from "./layers/recipe.ts";
import { buildImageName, isFull, runImageName, type Runtime } from "./runtimes.ts";
import { SYSTEM_PACKAGES } from "./runtimes/system-packages.ts";
import { ensureBase, ensureSharedLayer } from "./shared-layers.ts";
import { writePlaceholders } from "./tool-placeholders.ts";

/** The images of a runtime on a stack. */
export interface RuntimeImages {
  readonly run: Names;
  readonly build: Names;
  /** The build image with the tools that most builds do without. */
  readonly complete: Names;
}

/** What they are called. */
export function namesOfImages(runtime: Runtime): RuntimeImages {
  const [tag, build] = [recipeTag(runtime), buildImageName(runtime)];
  return {
    run: { name: runImageName(runtime), tag },
    build: { name: build, tag },
    complete: { name: `${build}-tools`, tag },
  };
}

/** The run image of a runtime on the stack that it says; resolves with the digest reference. */
export function ensureRun(composer: Composer, runtime: Runtime, onProgress: Progress): Promise<string> {
  return ensureImage(composer, namesOfImages(runtime).run, (references) =>
    composeRun(composer, runtime, references, onProgress),
  );
}

/** The image that builds for a runtime run in; with `tools` it has those that most builds do without. */
export async function ensureBuild(
  composer: Composer,
  runtime: Runtime,
  tools: boolean,
  onProgress: Progress,
): Promise<string> {
  if (!runtime.onDemand) return ensurePlainBuild(composer, runtime, onProgress);
  if (tools) return ensureCompleteBuild(composer, runtime, onProgress);
  // One that an earlier build asked for has nothing to wait for.
  return (await lookUp(composer, namesOfImages(runtime).complete)) ?? ensurePlainBuild(composer, runtime, onProgress);
}

async function composeRun(
  composer: Composer,
  runtime: Runtime,
  references: readonly string[],
  onProgress: Progress,
): Promise<string> {
  await using work = await mkdtempDisposable(join(composer.folder, WORK));
  onProgress(`Composing the run image of ${runtime.id} on ${runtime.stack}`);
  // The other layers bring along what the base layer has in an older version.
  if (composer.isFresh) await ensureBase(composer, runtime.codename, onProgress);
  const [base, system, above] = await Promise.all([
    ensureBase(composer, runtime.codename, onProgress),
    isFull(runtime)
      ? ensureSharedLayer(composer, runtime.codename, SYSTEM_PACKAGES, onProgress)
      : Promise.resolve(undefined),
    runLayerTask<NamedLayer>(layerTask(composer, "run", work.path, runtime), onProgress),
  ]);
  const layers = [
    fromFile(base, `${base.distribution} ${base.codename}`),
    ...(system ? [system] : []),
    ...above.map((layer) => fromFile(layer, layer.title)),
  ];
  const titles = layers.map(({ title }) => title);
  const reference = await pushComposed(composer.client, references, layers, runImageConfig(runtime, base, titles));
  onProgress(`Composed the run image of ${runtime.id}: ${titles.join(", ")}`);
  return reference;
}

/** The build image as most builds want it. */
export function ensurePlainBuild(composer: Composer, runtime: Runtime, onProgress: Progress): Promise<string> {
  return ensureImage(composer, namesOfImages(runtime).build, async (references) => {
    await using work = await mkdtempDisposable(join(composer.folder, WORK));
    const [run, written] = await Promise.all([
      ensureRun(composer, runtime, onProgress),
      runLayerTask<NamedLayer>(layerTask(composer, "build", work.path, runtime), onProgress),
    ]);
    onProgress(`Composing the build image of ${runtime.id}`);
    const below = await readComposed(composer.client, run);
    const placeholders = runtime.onDemand ? [await writePlaceholders(runtime.onDemand, work.path)] : [];
    const added = [...written, ...placeholders].map((layer) => fromFile(layer, layer.title));
    return await pushAbove(composer, references, below, added);
  });
}

/** The build image without its placeholders, and with the tools. */
export function ensureCompleteBuild(composer: Composer, runtime: Runtime, onProgress: Progress): Promise<string> {
  return ensureImage(composer, namesOfImages(runtime).complete, async (references) => {
    const [plain, tools] = await Promise.all([
      ensurePlainBuild(composer, runtime, onProgress),
      ensureSharedLayer(composer, runtime.codename, runtime.onDemand!.recipe, onProgress),
    ]);
    const { layers, config } = await readComposed(composer.client, plain);
    const below = { layers: layers.slice(0, -1), config: { ...config, history: config.history?.slice(0, -1) ?? [] } };
    return pushAbove(composer, references, below, [tools]);
  });
}

function pushAbove(
  { client }: Composer,
  references: readonly string[],
  { layers, config }: { readonly layers: readonly ComposedLayer[]; readonly config: ImageConfigFile },
  added: readonly ComposedLayer[],
): Promise<string> {
  const history = added.map(({ title }) => ({ ...config.history?.[0], created_by: title }));
  const above = { ...config, history: [...(config.history ?? []), ...history] };
  return pushComposed(client, references, [...layers, ...added], above);
}

function layerTask(composer: Composer, kind: "run" | "build", folder: string, { id, stack }: Runtime): LayerTask {
  return { kind, folder, runtimeId: `${stack}/${id}`, ...placesOf(composer) };
}
