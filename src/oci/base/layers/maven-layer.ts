import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileEntry, type LayerEntry, symlinkEntry } from "../../layers/layer-entry.ts";
import { writeLayer } from "../../layers/write-layer.ts";
import { parents, readNpmPackage } from "../npm-packages.ts";
import { type Artifact, artifactPackage, fetchArtifacts, fileName } from "./java/artifacts.ts";
import type { LayerContext, NamedLayer } from "./recipe.ts";

/** Maven in /usr/local/maven, and jars in /usr/local/share/java, where buildpacks find them; all from Maven's central repository. */
export interface MavenRecipe {
  readonly kind: "maven";
  readonly distribution: Artifact;
  readonly jars: readonly Artifact[];
}

const HOME = "usr/local/maven";
const JARS = "usr/local/share/java";

/** Writes a distribution of Maven and jars. */
export async function writeMavenLayer({ distribution, jars }: MavenRecipe, context: LayerContext): Promise<NamedLayer> {
  const artifacts = [distribution, ...jars];
  const [file, ...files] = await fetchArtifacts(artifacts, context);
  const entries = async function* (): AsyncIterable<LayerEntry> {
    const seen = new Set<string>();
    yield* mavenEntries(file!, seen);
    for (const [index, jar] of jars.entries()) {
      const path = `${JARS}/${fileName(jar)}`;
      yield* parents(path, seen);
      yield fileEntry(path, await readFile(files[index]!));
    }
  };
  const layer = await writeLayer(entries(), join(context.folder, "maven.tar"), "none");
  const title = artifacts.map(({ artifactId, version }) => `${artifactId} ${version}`).join(", ");
  return { ...layer, title, packages: artifacts.map(artifactPackage) };
}

async function* mavenEntries(file: string, seen: Set<string>): AsyncIterable<LayerEntry> {
  for await (const { path, mode, size, content } of readNpmPackage(file)) {
    if (isLeftOut(path)) continue;
    const target = `${HOME}/${path}`;
    yield* parents(target, seen);
    const common = { path: target, mode: mode & 0o111 ? 0o755 : 0o644, uid: 0, gid: 0, size };
    yield { type: "file", ...common, content: () => content as AsyncIterable<Uint8Array> };
  }
  yield* parents("usr/local/bin/mvn", seen);
  yield symlinkEntry("usr/local/bin/mvn", "../maven/bin/mvn");
}

/** What is for other systems. */
function isLeftOut(path: string): boolean {
  return path.endsWith(".cmd") || path.startsWith("lib/jansi-native/");
}
