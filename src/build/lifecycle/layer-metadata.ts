import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { readToml, table } from "./toml.ts";

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
  const types = table(toml["types"]);
  return {
    build: types["build"] === true,
    launch: types["launch"] === true,
    cache: types["cache"] === true,
    data: table(toml["metadata"]),
  };
}

/** Writes LAYER.toml with metadata but without types, so that the layer is ignored unless its buildpack takes it up. */
export function writeRestoredMetadata(folder: string, layer: string, data: Readonly<Record<string, unknown>>): void {
  writeFileSync(join(folder, `${layer}.toml`), stringify({ metadata: data }));
}
