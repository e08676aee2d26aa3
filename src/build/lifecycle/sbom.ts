import { createHash } from "node:crypto";
import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SbomFile } from "./exchange.ts";
import { exitCodes, LifecycleError } from "./errors.ts";
import { fileEntry } from "./tar.ts";
import { readTextFile } from "./toml.ts";

/** Contents of software bills of materials by file extension. */
export type Sboms = Readonly<Record<string, string>>;

/** File extensions of the supported media types (buildpack.md, "Software-Bill-of-Materials"). */
const EXTENSIONS = ["cdx.json", "spdx.json", "syft.json"] as const;
/** Longest bill that is taken, bytes. */
const MAX_BYTES = 32 * 1024 * 1024;

/** Reads NAME.sbom.EXT in a buildpack's layers folder; a LifecycleError for one that is no file or far too large. */
export function readSboms(folder: string, name: string): Sboms {
  const found = EXTENSIONS.map((extension) => {
    const content = readTextFile(join(folder, `${name}.sbom.${extension}`), MAX_BYTES);
    return [extension, content] as const;
  });
  return Object.fromEntries(found.filter((entry): entry is typeof entry & [string, string] => entry[1] !== undefined));
}

/** Puts bills into the output directory for the next build, named by their digests. */
export function keepSboms(outputDir: string, sboms: Sboms): { digests: Record<string, string>; files: SbomFile[] } {
  const files = Object.values(sboms).map((content): SbomFile => {
    const hex = createHash("sha256").update(content).digest("hex");
    const file = `sha256-${hex}.json`;
    writeFileSync(join(outputDir, file), content);
    return { file, digest: `sha256:${hex}`, size: Buffer.byteLength(content) };
  });
  const digests = Object.keys(sboms).map((extension, index) => [extension, files[index]!.digest]);
  return { digests: Object.fromEntries(digests) as Record<string, string>, files };
}

/** Puts the bills of a layer of the previous build back; `from` holds them by digest. */
export function restoreSboms(
  folder: string,
  name: string,
  digests: Readonly<Record<string, string>>,
  from: string,
): void {
  for (const [extension, digest] of Object.entries(digests)) {
    if (!(EXTENSIONS as readonly string[]).includes(extension))
      throw new LifecycleError(`unknown kind of bill of materials ${extension}`, exitCodes.generic);
    const source = join(from, digest.replace(":", "-"));
    if (existsSync(source)) copyFileSync(source, join(folder, `${name}.sbom.${extension}`));
  }
}

/** Archive pieces for a folder of bills (platform.md, "Outputs" of exporter); `name` is BUILDPACK or BUILDPACK/LAYER. */
export function* sbomEntries(layersDir: string, name: string, sboms: Sboms): Iterable<Buffer> {
  for (const [extension, content] of Object.entries(sboms).sort(([a], [b]) => (a < b ? -1 : 1))) {
    yield* fileEntry(join(layersDir, "sbom", "launch", name, `sbom.${extension}`), content);
  }
}
