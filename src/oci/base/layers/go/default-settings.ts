import { systemClock } from "../../../../platform/clock.ts";
import { parseGoEnv } from "../../../../platform/registries/go-configuration.ts";
import { composeArchive } from "../../../debian/archive.ts";
import { readDeb } from "../../../debian/deb.ts";
import { createDownloads } from "../../../debian/downloads.ts";
import { openPackageSource } from "../../../debian/package-source.ts";
import { join } from "node:path";
import type { LayerContext } from "../recipe.ts";

/** The Debian release and package that carry Go's file of default settings. */
const CODENAME = "trixie";
const PACKAGE = "golang-1.24-go";

/**
 * Go's own defaults (GOPROXY, GOSUMDB) for a machine without Go: they stand in go.env, which a signed Debian package has.
 */
export async function defaultGoSettings(context: LayerContext): Promise<Readonly<Record<string, string>>> {
  const { dataFolder, debianMirror, onProgress } = context;
  onProgress("Reading Go's default settings from its Debian package");
  const cacheFolder = join(dataFolder, "cache", "packages");
  const deps = { cacheFolder, downloads: createDownloads(), clock: systemClock, onProgress };
  const source = await openPackageSource(deps, await composeArchive(CODENAME, debianMirror));
  const [file] = await source.fetch(source.resolve([PACKAGE]).filter(({ name }) => name === PACKAGE));
  let settings = {};
  for await (const { header, content } of readDeb(file!)) {
    if (!header.name.endsWith("/go.env") || header.type !== "file") content.resume();
    else settings = parseGoEnv(Buffer.concat(await Array.fromAsync(content as AsyncIterable<Buffer>)).toString("utf8"));
  }
  return settings;
}
