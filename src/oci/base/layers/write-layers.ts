import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeDebianLayer } from "./debian-layer.ts";
import { writeGoLayer } from "./go-layer.ts";
import { writeJavaTruststoreLayer } from "./java-truststore-layer.ts";
import { writeMavenLayer } from "./maven-layer.ts";
import { writeNodeLayer } from "./node-layer.ts";
import { writeNpmLayer } from "./npm-layer.ts";
import { writePythonLayer } from "./python-layer.ts";
import { writePythonToolsLayer } from "./python-tools-layer.ts";
import type { LayerContext, LayerRecipe, NamedLayer } from "./recipe.ts";

/** Writes one layer per recipe, lowest first, each in a folder of its own below the context's. */
export async function writeLayers(recipes: readonly LayerRecipe[], context: LayerContext): Promise<NamedLayer[]> {
  const writing = recipes.map(async (recipe, index) => {
    const folder = join(context.folder, `layer-${index}`);
    await mkdir(folder, { recursive: true });
    return write(recipe, { ...context, folder, below: [...context.below, ...recipes.slice(0, index)] });
  });
  return Promise.all(writing);
}

function write(recipe: LayerRecipe, context: LayerContext): Promise<NamedLayer> {
  switch (recipe.kind) {
    case "node":
      return writeNodeLayer(recipe, context);
    case "npm":
      return writeNpmLayer(recipe, context);
    case "go":
      return writeGoLayer(recipe, context);
    case "java-truststore":
      return writeJavaTruststoreLayer(recipe, context);
    case "maven":
      return writeMavenLayer(recipe, context);
    case "debian":
      return writeDebianLayer(recipe, context);
    case "python":
      return writePythonLayer(recipe, context);
    case "python-tools":
      return writePythonToolsLayer(recipe, context);
  }
}
