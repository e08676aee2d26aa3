import { join } from "node:path";
import type { LayerEntry } from "../../layers/layer-entry.ts";
import { writeLayer } from "../../layers/write-layer.ts";
import { downloadWithNpm, type NpmPackage, parents, readNpmPackage } from "../npm-packages.ts";
import type { LayerContext, NamedLayer } from "./recipe.ts";

/** Node.js below /usr/local, from the npm package that carries the official binary. */
export interface NodeRecipe {
  readonly kind: "node";
  /** Version range in npm's notation. */
  readonly range: string;
}

/** Writes the newest Node.js of a range. */
export async function writeNodeLayer({ range }: NodeRecipe, { folder }: LayerContext): Promise<NamedLayer> {
  const [node] = await downloadWithNpm([`node-linux-${process.arch}@${range}`], folder);
  const layer = await writeLayer(nodeEntries(node!), join(folder, "node.tar"), "none");
  return { ...layer, title: `Node.js ${node!.version}` };
}

const NODE_FILES: ReadonlyMap<string, string> = new Map([
  ["bin/node", "usr/local/bin/node"],
  ["LICENSE", "usr/local/share/doc/node/LICENSE"],
  // Tells the version without starting the program.
  ["include/node/node_version.h", "usr/local/include/node/node_version.h"],
]);

async function* nodeEntries({ file }: NpmPackage): AsyncIterable<LayerEntry> {
  const seen = new Set<string>();
  for await (const { path, size, content } of readNpmPackage(file)) {
    const target = NODE_FILES.get(path);
    if (target === undefined) continue;
    yield* parents(target, seen);
    const mode = path.startsWith("bin/") ? 0o755 : 0o644;
    yield {
      type: "file",
      path: target,
      mode,
      uid: 0,
      gid: 0,
      size,
      content: () => content as AsyncIterable<Uint8Array>,
    };
  }
}
