import { join } from "node:path";
import { writeLayer } from "../../layers/write-layer.ts";
import type { LayerEntry } from "../../layers/layer-entry.ts";
import { addedEntries } from "../base-entries.ts";
import { packageDatabase } from "../configuration.ts";
import { selectDebianPackages } from "./debian-layer.ts";
import { debianPackages } from "./layer-package.ts";
import { debianPartOf } from "./python/debian-part.ts";
import { bytecodeEntries, installedEntries, standardLibrary } from "./python/python-entries.ts";
import { openInterpreter } from "./python/interpreter.ts";
import type { LayerContext, NamedLayer } from "./recipe.ts";

/** Python as Debian packages it, with the bytecode of its standard library, and pip in its current version. */
export interface PythonRecipe {
  readonly kind: "python";
  /** The minor version, for example "3.13". */
  readonly version: string;
  /** Debian packages besides the interpreter. */
  readonly packages: readonly string[];
  /** Python packages that the runtime brings along, in pip's notation. */
  readonly tools: readonly string[];
}

/** Writes the interpreter, its bytecode, which Debian makes when it installs, and its tools. */
export async function writePythonLayer(recipe: PythonRecipe, context: LayerContext): Promise<NamedLayer> {
  const debian = debianPartOf(recipe);
  const { all, added, files, distribution } = await selectDebianPackages(debian, context);
  const python = await openInterpreter(recipe.version, context);
  const tools = await python.install(recipe.tools);
  const items = added.map((item, index) => ({ package: item, file: files[index]! }));
  const entries = async function* (): AsyncIterable<LayerEntry> {
    for await (const entry of addedEntries(items, [packageDatabase(all)], debian)) {
      if (!isLeftOut(entry.path)) yield entry;
    }
    const place = { from: python.root, to: "/" };
    yield* bytecodeEntries(await python.compile(standardLibrary(python), place), python.root);
    yield* installedEntries(tools, recipe.version);
  };
  const layer = await writeLayer(entries(), join(context.folder, "python.tar"), "none");
  const interpreter = added.find(({ name }) => name === `python${recipe.version}`);
  const packages = debianPackages(added, distribution);
  return { ...layer, title: `Python ${interpreter?.version ?? recipe.version}`, packages };
}

/** Debian's mark for pip that the system's packages are apt's: in an image pip may install. */
function isLeftOut(path: string): boolean {
  return path.endsWith("/EXTERNALLY-MANAGED");
}
