import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { join } from "node:path";
import type { BaseImages } from "../oci.ts";
import { type BaseImageUpdates, createBaseImageUpdates } from "./base-image-updates.ts";
import { recipeTag, toolImageConfig } from "./compose-image.ts";
import { ensureBuild, ensureRun } from "./compose-runtime.ts";
import { type BaseImagesDeps, type Composer, ensureImage, placesOf, type Progress, WORK } from "./composer.ts";
import { fromFile, pushComposed } from "./image-layers.ts";
import { type LayerTask, runLayerTask } from "./layer-task.ts";
import type { NamedLayer } from "./layers/recipe.ts";
import { defaultStackOf, requireRuntime } from "./runtimes.ts";
import { ensureBase } from "./shared-layers.ts";
import { requireToolImage, type ToolImage, toolImageName } from "./tool-images.ts";

export type { BaseImagesDeps } from "./composer.ts";

/**
 * The BaseImages of oci.ts. An image once composed stays as it is until the way of composing changes; several callers
 * share the work, and one that gives up leaves it running for the others. Throws UnknownRuntimeError for a runtime that
 * is not in runtimes.ts, and UnknownToolImageError for a tool image that is not in tool-images.ts.
 */
export function createBaseImages(deps: BaseImagesDeps): BaseImages & { readonly updates: BaseImageUpdates } {
  const folder = join(deps.dataFolder, "base-images");
  mkdirSync(folder, { recursive: true });
  // Left by a process that was killed while composing.
  const leftovers = readdirSync(folder).filter((name) => name.startsWith(WORK) || name.endsWith(".part"));
  for (const name of leftovers) rmSync(join(folder, name), { recursive: true, force: true });
  const shared = new Map<string, Promise<unknown>>();
  const composer: Composer = { ...deps, folder, isFresh: false, share: (key, work) => share(shared, key, work) };
  const fresh = (): Composer => ({ ...deps, folder, isFresh: true, share: remember(new Map()) });
  return {
    updates: createBaseImageUpdates(composer, fresh),
    ensureRunImage: (id, onProgress, signal) =>
      abandonable(ensureRun(composer, requireRuntime(id), onProgress), signal),
    ensureBuildImage(id, onProgress, signal, { tools = false } = {}) {
      const runtime = defaultStackOf(requireRuntime(id));
      return abandonable(ensureBuild(composer, runtime, tools, onProgress), signal);
    },
    ensureToolImage: (id, onProgress, signal) =>
      abandonable(ensureTool(composer, requireToolImage(id), onProgress), signal),
  };
}

function ensureTool(composer: Composer, image: ToolImage, onProgress: Progress): Promise<string> {
  const names = { name: toolImageName(image), tag: recipeTag(image) };
  return ensureImage(composer, names, async (references) => {
    await using work = await mkdtempDisposable(join(composer.folder, WORK));
    onProgress(`Composing the image of ${image.id}`);
    const task: LayerTask = { kind: "tool", folder: work.path, toolId: image.id, ...placesOf(composer) };
    const [base, above] = await Promise.all([
      ensureBase(composer, image.codename, onProgress),
      runLayerTask<NamedLayer>(task, onProgress),
    ]);
    const own = above.map((layer) => fromFile(layer, layer.title));
    const layers = [fromFile(base, `${base.distribution} ${base.codename}`), ...own];
    const config = toolImageConfig(
      image,
      layers.map(({ title }) => title),
    );
    return await pushComposed(composer.client, references, layers, config);
  });
}

/** Does each piece of work once. */
function remember(done: Map<string, Promise<unknown>>): Composer["share"] {
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const known = done.get(key) as Promise<T> | undefined;
    if (known) return known;
    const started = work();
    done.set(key, started);
    return started;
  };
}

async function share<T>(shared: Map<string, Promise<unknown>>, key: string, work: () => Promise<T>): Promise<T> {
  const running = shared.get(key) as Promise<T> | undefined;
  if (running) return running;
  const started = work().finally(() => shared.delete(key));
  shared.set(key, started);
  return started;
}

function abandonable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", abort));
}
