import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { join } from "node:path";
import type { DistributionClient } from "../distribution/client.ts";
import { pushImage, type PushLayer } from "../distribution/push-image.ts";
import type { ImageConfigFile } from "../image-config.ts";
import type { WrittenLayer } from "../layers/write-layer.ts";
import { isIndex, parseManifest } from "../manifest.ts";
import type { BaseImages } from "../oci.ts";
import { formatReference, parseReference } from "../reference.ts";
import type { BaseLayer } from "./base-layer.ts";
import { recipeTag, runImageConfig, toolImageConfig } from "./compose-image.ts";
import { type LayerTask, runLayerTask } from "./layer-task.ts";
import type { NamedLayer } from "./layers/recipe.ts";
import { buildImageName, requireRuntime, runImageName, type Runtime } from "./runtimes.ts";
import { requireToolImage, type ToolImage, toolImageName } from "./tool-images.ts";

export interface BaseImagesDeps {
  /** The server's data folder; layers are kept below base-images/, downloads below cache/packages/. */
  readonly dataFolder: string;
  /** Must reach the server's own registry, which the images are pushed to. */
  readonly client: DistributionClient;
  /** A mirror of Debian's packages in place of the one in the host's apt sources. */
  readonly debianMirror?: string;
}

/**
 * The BaseImages of oci.ts. An image once composed stays as it is until the way of composing changes; several callers
 * share the work, and one that gives up leaves it running for the others. Throws UnknownRuntimeError for a runtime that
 * is not in runtimes.ts, and UnknownToolImageError for a tool image that is not in tool-images.ts.
 */
export function createBaseImages(deps: BaseImagesDeps): BaseImages {
  const folder = join(deps.dataFolder, "base-images");
  mkdirSync(folder, { recursive: true });
  // Left by a process that was killed while composing.
  const leftovers = readdirSync(folder).filter((name) => name.startsWith(WORK));
  for (const name of leftovers) rmSync(join(folder, name), { recursive: true, force: true });
  const shared = new Map<string, Promise<unknown>>();
  const context: Context = { ...deps, folder, share: (key, work) => share(shared, key, work) };
  return {
    ensureRunImage: (id, onProgress, signal) => abandonable(ensureRun(context, requireRuntime(id), onProgress), signal),
    ensureBuildImage: (id, onProgress, signal) =>
      abandonable(ensureBuild(context, requireRuntime(id), onProgress), signal),
    ensureToolImage: (id, onProgress, signal) =>
      abandonable(ensureTool(context, requireToolImage(id), onProgress), signal),
  };
}

interface Context extends BaseImagesDeps {
  readonly folder: string;
  /** Joins the work that is under way for the same key. */
  share<T>(key: string, work: () => Promise<T>): Promise<T>;
}

type Progress = (line: string) => void;

const WORK = ".compose-";

function ensureRun(context: Context, runtime: Runtime, onProgress: Progress): Promise<string> {
  const name = runImageName(runtime);
  return context.share(name, async () => {
    const tagged = `${name}:${recipeTag(runtime)}`;
    return (await lookUp(context, tagged)) ?? composeRun(context, runtime, [tagged, `${name}:latest`], onProgress);
  });
}

async function composeRun(
  context: Context,
  runtime: Runtime,
  references: readonly string[],
  onProgress: Progress,
): Promise<string> {
  await using work = await mkdtempDisposable(join(context.folder, WORK));
  onProgress(`Composing the run image of ${runtime.id}`);
  const [base, above] = await Promise.all([
    context.share(`base ${runtime.codename}`, () => composeBase(context, runtime.codename, onProgress)),
    runLayerTask<NamedLayer>(layerTask(context, "run", work.path, runtime), onProgress),
  ]);
  const titles = [`${base.distribution} ${base.codename}`, ...above.map(({ title }) => title)];
  const config = runImageConfig(runtime, base, titles);
  const layers = [base, ...above].map(withSource);
  const { digest } = await pushImage(context.client, references, { layers, config });
  onProgress(`Composed the run image of ${runtime.id}: ${titles.join(", ")}`);
  return byDigest(references[0]!, digest);
}

async function composeBase(context: Context, codename: string, onProgress: Progress): Promise<BaseLayer> {
  const [layer] = await runLayerTask<BaseLayer>({ kind: "base", codename, ...placesOf(context) }, onProgress);
  return layer!;
}

function layerTask(context: Context, kind: "run" | "build", folder: string, { id }: Runtime): LayerTask {
  return { kind, folder, runtimeId: id, ...placesOf(context) };
}

function placesOf({ dataFolder, debianMirror }: Context) {
  return { dataFolder, ...(debianMirror === undefined ? {} : { debianMirror }) };
}

function ensureBuild(context: Context, runtime: Runtime, onProgress: Progress): Promise<string> {
  const name = buildImageName(runtime);
  return context.share(name, async () => {
    const tagged = `${name}:${recipeTag(runtime)}`;
    return (await lookUp(context, tagged)) ?? composeBuild(context, runtime, [tagged, `${name}:latest`], onProgress);
  });
}

async function composeBuild(
  context: Context,
  runtime: Runtime,
  references: readonly string[],
  onProgress: Progress,
): Promise<string> {
  await using work = await mkdtempDisposable(join(context.folder, WORK));
  const [run, tools] = await Promise.all([
    ensureRun(context, runtime, onProgress),
    runLayerTask<NamedLayer>(layerTask(context, "build", work.path, runtime), onProgress),
  ]);
  onProgress(`Composing the build image of ${runtime.id}`);
  const below = await readImage(context.client, run);
  const config = withHistory(below.config, tools);
  const layers = [...below.layers, ...tools.map(withSource)];
  const { digest } = await pushImage(context.client, references, { layers, config });
  return byDigest(references[0]!, digest);
}

function ensureTool(context: Context, image: ToolImage, onProgress: Progress): Promise<string> {
  const name = toolImageName(image);
  return context.share(name, async () => {
    const tagged = `${name}:${recipeTag(image)}`;
    return (await lookUp(context, tagged)) ?? composeTool(context, image, [tagged, `${name}:latest`], onProgress);
  });
}

async function composeTool(
  context: Context,
  image: ToolImage,
  references: readonly string[],
  onProgress: Progress,
): Promise<string> {
  await using work = await mkdtempDisposable(join(context.folder, WORK));
  onProgress(`Composing the image of ${image.id}`);
  const task: LayerTask = { kind: "tool", folder: work.path, toolId: image.id, ...placesOf(context) };
  const [base, above] = await Promise.all([
    context.share(`base ${image.codename}`, () => composeBase(context, image.codename, onProgress)),
    runLayerTask<NamedLayer>(task, onProgress),
  ]);
  const titles = [`${base.distribution} ${base.codename}`, ...above.map(({ title }) => title)];
  const layers = [base, ...above].map(withSource);
  const { digest } = await pushImage(context.client, references, { layers, config: toolImageConfig(image, titles) });
  return byDigest(references[0]!, digest);
}

async function lookUp(context: Context, reference: string): Promise<string | undefined> {
  const digest = await context.client.resolve(parseReference(reference));
  return digest === undefined ? undefined : byDigest(reference, digest);
}

async function readImage(
  client: DistributionClient,
  reference: string,
): Promise<{ layers: PushLayer[]; config: ImageConfigFile }> {
  const parsed = parseReference(reference);
  const { content, mediaType } = await client.getManifest(parsed);
  const manifest = parseManifest(content, mediaType);
  if (isIndex(manifest)) throw new TypeError(`${reference} is not a single image`);
  const bytes = await Array.fromAsync(await client.openBlob(parsed, manifest.config.digest));
  const config = JSON.parse(Buffer.concat(bytes).toString("utf8")) as ImageConfigFile;
  const layers = manifest.layers.map((descriptor, index) => ({
    descriptor,
    diffId: config.rootfs.diff_ids[index]!,
    mountFrom: parsed.repository,
  }));
  return { layers, config };
}

function withHistory(config: ImageConfigFile, layers: readonly NamedLayer[]): ImageConfigFile {
  const added = layers.map(({ title }) => ({ ...config.history?.[0], created_by: title }));
  return { ...config, history: [...(config.history ?? []), ...added] };
}

function withSource({ descriptor, diffId, file }: WrittenLayer): PushLayer {
  return { descriptor, diffId, source: { file } };
}

function byDigest(reference: string, digest: string): string {
  const { host, repository } = parseReference(reference);
  return formatReference({ host, repository, digest });
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
