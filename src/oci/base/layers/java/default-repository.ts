import { join } from "node:path";
import { fromBufferPromise, type ZipFile, type Entry } from "yauzl";
import { systemClock } from "../../../../platform/clock.ts";
import { composeArchive } from "../../../debian/archive.ts";
import { readDeb } from "../../../debian/deb.ts";
import { createDownloads } from "../../../debian/downloads.ts";
import { openPackageSource } from "../../../debian/package-source.ts";
import type { LayerContext } from "../recipe.ts";

/** The Debian release and package that carry Maven's own defaults. */
const CODENAME = "trixie";
const PACKAGE = "libmaven3-core-java";
const JAR = /^(\.\/)?usr\/share\/java\/maven3-model-builder-[\d.]+\.jar$/;
/** The project that every other one inherits from. Maven: "Introduction to the POM", Super POM. */
const SUPER_POM = "org/apache/maven/model/pom-4.0.0.xml";

/** The URL of Maven's central repository: it stands in the super POM, which a signed Debian package has. */
export async function defaultRepository(context: LayerContext): Promise<string> {
  const { dataFolder, debianMirror, onProgress } = context;
  onProgress("Reading Maven's default repository from its Debian package");
  const deps = {
    cacheFolder: join(dataFolder, "cache", "packages"),
    downloads: createDownloads(),
    clock: systemClock,
    onProgress,
  };
  const source = await openPackageSource(deps, await composeArchive(CODENAME, debianMirror));
  const [file] = await source.fetch(source.resolve([PACKAGE]).filter(({ name }) => name === PACKAGE));
  const url = centralOf(await readFromZip(await readJar(file!), SUPER_POM));
  if (url === undefined) throw new Error(`${PACKAGE} names no central repository`);
  return url;
}

/** The URL of the repository with the id central in a POM. */
export function centralOf(pom: string): string | undefined {
  const repositories = [...pom.matchAll(/<repository>([^]*?)<\/repository>/g)].map(([, content]) => content!);
  const central = repositories.find((repository) => /<id>\s*central\s*<\/id>/.test(repository));
  return central === undefined ? undefined : /<url>\s*([^<\s]+)\s*<\/url>/.exec(central)?.[1];
}

async function readJar(deb: string): Promise<Buffer> {
  let jar: Buffer | undefined;
  for await (const { header, content } of readDeb(deb)) {
    if (header.type !== "file" || !JAR.test(header.name)) content.resume();
    else jar = Buffer.concat(await Array.fromAsync(content as AsyncIterable<Buffer>));
  }
  if (!jar) throw new Error(`${PACKAGE} has no model builder`);
  return jar;
}

async function readFromZip(content: Buffer, path: string): Promise<string> {
  const zip: ZipFile = await fromBufferPromise(content, { lazyEntries: true });
  const { promise, resolve, reject } = Promise.withResolvers<Entry>();
  zip.on("error", reject);
  zip.on("end", () => reject(new Error(`no ${path} in the archive`)));
  zip.on("entry", (entry: Entry) => (entry.fileName === path ? resolve(entry) : zip.readEntry()));
  zip.readEntry();
  const stream = await zip.openReadStreamPromise(await promise);
  return Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>)).toString("utf8");
}
