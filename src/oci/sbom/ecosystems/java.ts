import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { type Component, packageUrl } from "../component.ts";

const POM = /^META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/;
const MAX_POM_BYTES = 64 * 1024;

/** The Maven artifacts that a jar file says it holds. */
export async function javaComponents(jar: Buffer): Promise<Component[]> {
  const zip = await fromBufferPromise(jar, { lazyEntries: true });
  const components: Component[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Component[]>();
  zip.on("error", reject);
  zip.on("end", () => resolve(components));
  zip.on("entry", (entry: Entry) => {
    if (!POM.test(entry.fileName) || entry.uncompressedSize > MAX_POM_BYTES) return zip.readEntry();
    return void readEntry(zip, entry).then((content) => {
      components.push(...artifactOf(content));
      zip.readEntry();
    }, reject);
  });
  zip.readEntry();
  return promise;
}

async function readEntry(zip: ZipFile, entry: Entry): Promise<string> {
  const stream = await zip.openReadStreamPromise(entry);
  return Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>)).toString("utf8");
}

function artifactOf(properties: string): Component[] {
  const value = (key: string): string => new RegExp(`^${key}=(.+)$`, "m").exec(properties)?.[1]?.trim() ?? "";
  const [group, artifact, version] = [value("groupId"), value("artifactId"), value("version")];
  if (group === "" || artifact === "" || version === "") return [];
  const purl = packageUrl("maven", group, artifact, version);
  return [{ type: "library", name: `${group}:${artifact}`, version, purl }];
}
