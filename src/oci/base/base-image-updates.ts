import {
  ensureCompleteBuild,
  ensurePlainBuild,
  ensureRun,
  namesOfImages,
  type RuntimeImages,
} from "./compose-runtime.ts";
import { type Composer, lookUp, type Progress } from "./composer.ts";
import { type LockedLayer, readLock } from "./lock.ts";
import { defaultStackOf, isFull, requireRuntime, RUNTIMES, type Runtime } from "./runtimes.ts";

/** A run image that is there. */
export interface ComposedRunImage {
  /** Runtime id, for example nodejs22. */
  readonly runtime: string;
  /** For example google-22-full. */
  readonly stack: string;
  /** Digest reference. */
  readonly image: string;
  readonly layers: readonly LockedLayer[];
}

/** A package that is another one than before; "" where there was or is none. */
export interface PackageChange {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** A run image that was composed anew; `image` is the earlier one's when no package has changed. */
export interface RefreshedRunImage extends ComposedRunImage {
  readonly changes: readonly PackageChange[];
}

/** Looks after the images that are there. */
export interface BaseImageUpdates {
  /** The run images that were composed so far. */
  list(): Promise<readonly ComposedRunImage[]>;
  /**
   * Composes every image of these runtimes, or of all, that is there from the newest packages and moves the tags. Images
   * that were built on the earlier ones stay as they are. Throws UnknownRuntimeError.
   */
  refresh(runtimes: readonly string[], onProgress: Progress): Promise<readonly RefreshedRunImage[]>;
  /** Calls back after each refresh that has changed something. */
  onRefreshed(listener: () => void): void;
}

/** The updates of a composer's images; `fresh` makes a composer that takes nothing for composed yet. */
export function createBaseImageUpdates(composer: Composer, fresh: () => Composer): BaseImageUpdates {
  const listeners: (() => void)[] = [];
  const listOf = async (runtime: Runtime): Promise<ComposedRunImage[]> => {
    const image = await lookUp(composer, namesOfImages(runtime).run);
    if (image === undefined) return [];
    return [{ runtime: runtime.id, stack: runtime.stack, image, layers: await readLock(composer.client, image) }];
  };
  const list = async (ids: readonly string[]) => (await Promise.all(ids.flatMap(onBothStacks).map(listOf))).flat();
  return {
    list: () => list(Object.keys(RUNTIMES)),
    async refresh(runtimes, onProgress) {
      const ids = runtimes.length > 0 ? runtimes : Object.keys(RUNTIMES);
      const before = await list(ids);
      const anew = fresh();
      // One after the other: all of them want the processors.
      for (const runtime of ids.flatMap(onBothStacks)) await recompose(composer, anew, runtime, onProgress);
      const after = await list(ids);
      const refreshed = after.map((now) => ({ ...now, changes: changesBetween(layersOf(before, now), now.layers) }));
      const isChanged = after.some(({ image }) => !before.some((earlier) => earlier.image === image));
      if (isChanged) for (const listener of listeners) listener();
      return refreshed;
    },
    onRefreshed: (listener) => void listeners.push(listener),
  };
}

async function recompose(composer: Composer, anew: Composer, runtime: Runtime, onProgress: Progress): Promise<void> {
  const names = namesOfImages(runtime);
  const isThere = async (image: keyof RuntimeImages) => (await lookUp(composer, names[image])) !== undefined;
  if (await isThere("run")) await ensureRun(anew, runtime, onProgress);
  // Builds run on the default stack, whatever the run image is.
  if (isFull(runtime)) return;
  if (await isThere("build")) await ensurePlainBuild(anew, runtime, onProgress);
  if (await isThere("complete")) await ensureCompleteBuild(anew, runtime, onProgress);
}

function onBothStacks(id: string): Runtime[] {
  const runtime = defaultStackOf(requireRuntime(id));
  return [runtime, { ...runtime, stack: `${runtime.stack}-full` }];
}

function layersOf(images: readonly ComposedRunImage[], { runtime, stack }: ComposedRunImage): readonly LockedLayer[] {
  return images.find((image) => image.runtime === runtime && image.stack === stack)?.layers ?? [];
}

/** What differs between the packages of two images, by name. */
function changesBetween(before: readonly LockedLayer[], after: readonly LockedLayer[]): PackageChange[] {
  const [from, to] = [versionsOf(before), versionsOf(after)];
  const names = [...new Set([...from.keys(), ...to.keys()])].sort();
  const changes = names.map((name) => ({ name, from: from.get(name) ?? "", to: to.get(name) ?? "" }));
  return changes.filter((change) => change.from !== change.to);
}

function versionsOf(layers: readonly LockedLayer[]): Map<string, string> {
  return new Map(layers.flatMap(({ packages }) => packages.map(({ name, version }) => [name, version] as const)));
}
