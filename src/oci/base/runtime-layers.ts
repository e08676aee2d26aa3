import { join } from "node:path";
import type { LayerEntry } from "../layers/layer-entry.ts";
import { writeLayer, type WrittenLayer } from "../layers/write-layer.ts";
import { downloadWithNpm, globalInstallEntries, parents, readNpmPackage, type NpmPackage } from "./npm-packages.ts";
import type { Runtime } from "./runtimes.ts";

/** A layer with what it holds, for the image's history. */
export interface NamedLayer extends WrittenLayer {
  readonly title: string;
}

/** Writes the layers of a run image above the base into a folder, which the caller deletes: Node.js itself, and npm. */
export async function writeRuntimeLayers(folder: string, runtime: Runtime): Promise<NamedLayer[]> {
  return Promise.all([writeNodeLayer(folder, runtime), writeToolLayer(folder, "npm", [`npm@${runtime.npm}`])]);
}

/** Writes the layer of a build image above its run image: yarn and pnpm. */
export async function writeBuildToolLayers(folder: string, runtime: Runtime): Promise<NamedLayer[]> {
  return [await writeToolLayer(folder, "build-tools", [`yarn@${runtime.yarn}`, `pnpm@${runtime.pnpm}`])];
}

async function writeNodeLayer(folder: string, runtime: Runtime): Promise<NamedLayer> {
  const spec = `node-linux-${process.arch}@${runtime.node}`;
  const [node] = await downloadWithNpm([spec], join(folder, "node"));
  const layer = await writeLayer(nodeEntries(node!), join(folder, "node.tar"), "none");
  return { ...layer, title: `Node.js ${node!.version}` };
}

async function writeToolLayer(folder: string, name: string, specs: readonly string[]): Promise<NamedLayer> {
  const packages = await downloadWithNpm(specs, join(folder, name));
  const layer = await writeLayer(toolEntries(packages), join(folder, `${name}.tar`), "none");
  return { ...layer, title: packages.map((one) => `${one.name} ${one.version}`).join(", ") };
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

async function* toolEntries(packages: readonly NpmPackage[]): AsyncIterable<LayerEntry> {
  for (const one of packages) yield* globalInstallEntries(one, (path) => /^(docs|man)\//.test(path));
}
