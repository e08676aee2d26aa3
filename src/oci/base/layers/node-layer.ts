import { join } from "node:path";
import type { LayerEntry } from "../../layers/layer-entry.ts";
import { writeLayer } from "../../layers/write-layer.ts";
import { downloadWithNpm, parents, readNpmPackage } from "../npm-packages.ts";
import { npmPackage } from "./layer-package.ts";
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
  const { name, version, integrity, file } = node!;
  const layer = await writeLayer(nodeEntries(file), join(folder, "node.tar"), "none");
  return { ...layer, title: `Node.js ${version}`, packages: [npmPackage(name, version, integrity)] };
}

/** OpenSSL's headers for the processors that Node.js is built for: many more files than all others. */
const OTHER_PROCESSORS = new RegExp(`/openssl/archs/(?!linux-${process.arch === "x64" ? "x86_64" : "aarch64"}/)`);

function placeOf(path: string): string | undefined {
  if (path === "bin/node") return "usr/local/bin/node";
  if (path === "LICENSE") return "usr/local/share/doc/node/LICENSE";
  // Native modules are compiled with the headers; they tell the version, too, without starting the program.
  return path.startsWith("include/") && !OTHER_PROCESSORS.test(path) ? `usr/local/${path}` : undefined;
}

async function* nodeEntries(file: string): AsyncIterable<LayerEntry> {
  const seen = new Set<string>();
  for await (const { path, size, content } of readNpmPackage(file)) {
    const target = placeOf(path);
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
