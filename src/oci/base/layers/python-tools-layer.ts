import { join } from "node:path";
import { writeLayer } from "../../layers/write-layer.ts";
import { installedEntries } from "./python/python-entries.ts";
import { openInterpreter } from "./python/interpreter.ts";
import type { LayerContext, NamedLayer } from "./recipe.ts";

/** Packages of the Python package index that bring everything along, below /usr/local. */
export interface PythonToolsRecipe {
  readonly kind: "python-tools";
  /** The minor version of the Python that runs them, for example "3.13". */
  readonly version: string;
  /** Packages in pip's notation. */
  readonly tools: readonly string[];
}

/** Writes the newest versions of the packages that fit. */
export async function writePythonToolsLayer(recipe: PythonToolsRecipe, context: LayerContext): Promise<NamedLayer> {
  const python = await openInterpreter(recipe.version, context);
  const installed = await python.install(recipe.tools);
  const layer = await writeLayer(
    installedEntries(installed, recipe.version),
    join(context.folder, "tools.tar"),
    "none",
  );
  return { ...layer, title: installed.titles.join(", ") };
}
