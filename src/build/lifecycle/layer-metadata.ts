import { lstatSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { exitCodes, LifecycleError } from "./errors.ts";
import { readToml } from "./toml.ts";

/** What LAYER.toml says of a layer (buildpack.md, "Layer Content Metadata"). */
export interface LayerMetadata {
  readonly build: boolean;
  readonly launch: boolean;
  readonly cache: boolean;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Reads LAYER.toml in a buildpack's layers folder; undefined when there is none. Without types, a layer is ignored. */
export function readLayerMetadata(folder: string, layer: string): LayerMetadata | undefined {
  const toml = readToml(join(folder, `${layer}.toml`));
  if (!toml) return undefined;
  // Their place before Buildpack API 0.6.
  const misplaced = ["build", "launch", "cache"].find((key) => toml.has(key));
  if (misplaced !== undefined) toml.fail(`${misplaced} must be in the table types`);
  const types = toml.table("types");
  return {
    build: types.flag("build"),
    launch: types.flag("launch"),
    cache: types.flag("cache"),
    data: toml.table("metadata").raw,
  };
}

/** Writes LAYER.toml with metadata but without types, so that the layer is ignored unless its buildpack takes it up. */
export function writeRestoredMetadata(folder: string, layer: string, data: Readonly<Record<string, unknown>>): void {
  writeFileSync(join(folder, `${layer}.toml`), stringify({ metadata: data }));
}

/** Whether a layer has content; a LifecycleError for something that is no directory of its own, such as a link elsewhere. */
export function hasContent(folder: string, layer: string): boolean {
  const path = join(folder, layer);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats && !stats.isDirectory()) throw new LifecycleError(`${path} is not a directory`, exitCodes.generic);
  return stats !== undefined;
}
