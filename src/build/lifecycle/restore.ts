import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { escapeId } from "./buildpack.ts";
import type { SelectedBuildpack } from "./detect.ts";
import type { PreviousLayer, RestoreRequest } from "./exchange.ts";
import { writeRestoredMetadata } from "./layer-metadata.ts";
import { restoreSboms } from "./sbom.ts";
import type { Settings } from "./settings.ts";

/** The layers that earlier builds left to this one. */
export interface Restored {
  /** A layer of the previous build by buildpack and name, whether its content is there or not. */
  previous(buildpackId: string, layer: string): PreviousLayer | undefined;
  /** Whether a layer's content came from the previous build and nothing in it was touched since. */
  isUntouched(buildpackId: string, layer: string): boolean;
}

/**
 * Gives the buildpacks of the group back what earlier builds left for them (buildpack.md, "Layer Types"): metadata of
 * cached layers, and of layers that are only for launch; store.toml. Content of other buildpacks is removed.
 */
export function restore(
  settings: Settings,
  group: readonly SelectedBuildpack[],
  log: (line: string) => void,
): Restored {
  const request = readRequest(settings.restorePath);
  const keys = new Set(group.map(({ id }) => id));
  for (const { key } of request.buildpacks.filter(({ key }) => !keys.has(key))) {
    rmSync(join(settings.layersDir, escapeId(key)), { recursive: true, force: true });
  }
  const previous = new Map<string, PreviousLayer>();
  const marks = new Map<string, bigint | undefined>();
  for (const buildpack of request.buildpacks.filter(({ key }) => keys.has(key))) {
    const folder = join(settings.layersDir, escapeId(buildpack.key));
    mkdirSync(folder, { recursive: true });
    if (buildpack.store) writeFileSync(join(folder, "store.toml"), stringify({ metadata: buildpack.store }));
    for (const [name, layer] of Object.entries(buildpack.layers)) {
      previous.set(`${buildpack.key}:${name}`, layer);
      if (!isRestored(layer)) continue;
      log(`Restoring metadata for "${buildpack.key}:${name}" from ${layer.cache ? "cache" : "app image"}`);
      writeRestoredMetadata(folder, name, layer.data);
      restoreSboms(folder, name, layer.sbom ?? {}, settings.restoreSbomsDir);
      if (layer.present) marks.set(`${buildpack.key}:${name}`, changeTime(join(folder, name)));
    }
  }
  return {
    previous: (id, layer) => previous.get(`${id}:${layer}`),
    isUntouched(id, layer) {
      const mark = marks.get(`${id}:${layer}`);
      return mark !== undefined && mark === changeTime(join(settings.layersDir, escapeId(id), layer));
    },
  };
}

/** Names of the layers in a buildpack's layers folder: those with a directory and those with only a TOML file. */
export function layerNames(folder: string): string[] {
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory() && !entry.name.endsWith(".ignore")) return [entry.name];
    return entry.name.endsWith(".toml") ? [entry.name.slice(0, -".toml".length)] : [];
  });
  const reserved = new Set(["launch", "build", "store"]);
  return [...new Set(names)].filter((name) => !reserved.has(name)).sort();
}

function readRequest(path: string | undefined): RestoreRequest {
  return path === undefined ? { buildpacks: [] } : (JSON.parse(readFileSync(path, "utf8")) as RestoreRequest);
}

/** A layer that is cached, but whose content is gone, is restored in no part (buildpack.md, "Cached Layers"). */
function isRestored(layer: PreviousLayer): boolean {
  return layer.cache ? layer.present : layer.launch && !layer.build;
}

/**
 * The moment a folder changed, in nanoseconds. Overlayfs copies a folder up, which changes this moment, before it
 * changes anything at any depth inside; so the same moment means the same content, without looking at a single file.
 */
function changeTime(folder: string): bigint | undefined {
  try {
    return lstatSync(folder, { bigint: true }).ctimeNs;
  } catch {
    return undefined;
  }
}
