import { lstat, realpath } from "node:fs/promises";
import { join } from "node:path";

/** A regular file in the topmost of some unpacked layers that has it. */
export interface LayerFile {
  /** Path on the host. */
  readonly file: string;
  /** Index of the layer. */
  readonly layer: number;
  readonly size: number;
}

/** Finds a file by its absolute path without following any link; undefined when no layer has it so. */
export async function findInLayers(layers: readonly string[], path: string): Promise<LayerFile | undefined> {
  for (let layer = layers.length - 1; layer >= 0; layer--) {
    const file = join(layers[layer]!, path);
    try {
      const stat = await lstat(file);
      // A link on the way would lead to the host's files.
      const isInside = (await realpath(file)) === join(await realpath(layers[layer]!), path);
      if (stat.isFile() && isInside) return { file, layer, size: stat.size };
    } catch {
      continue;
    }
  }
  return undefined;
}
