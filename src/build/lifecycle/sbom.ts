import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileEntry } from "./tar.ts";

/** Software bills of materials by file extension. */
export type Sboms = Readonly<Record<string, string>>;

/** File extensions of the supported media types (buildpack.md, "Software-Bill-of-Materials"). */
const EXTENSIONS = ["cdx.json", "spdx.json", "syft.json"] as const;

/** Reads NAME.sbom.EXT in a buildpack's layers folder. */
export function readSboms(folder: string, name: string): Sboms {
  const found = EXTENSIONS.map((extension) => [extension, join(folder, `${name}.sbom.${extension}`)] as const);
  const there = found.filter(([, path]) => existsSync(path));
  return Object.fromEntries(there.map(([extension, path]) => [extension, readFileSync(path, "utf8")]));
}

/** Puts the bills of a layer of the previous build back. */
export function writeSboms(folder: string, name: string, sboms: Sboms): void {
  for (const [extension, content] of Object.entries(sboms)) {
    writeFileSync(join(folder, `${name}.sbom.${extension}`), content);
  }
}

/** Archive pieces for a folder of bills (platform.md, "Outputs" of exporter); `name` is BUILDPACK or BUILDPACK/LAYER. */
export function* sbomEntries(layersDir: string, name: string, sboms: Sboms): Iterable<Buffer> {
  for (const [extension, content] of Object.entries(sboms).sort(([a], [b]) => (a < b ? -1 : 1))) {
    yield* fileEntry(join(layersDir, "sbom", "launch", name, `sbom.${extension}`), content);
  }
}
