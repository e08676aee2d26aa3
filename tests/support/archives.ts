import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { ZipFile } from "yazl";

/** A zip archive of these files; a name that ends in a slash is an empty folder. */
export async function zipOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith("/")) zip.addEmptyDirectory(name);
    else zip.addBuffer(Buffer.from(content), name, { mode: 0o100644 });
  }
  zip.end();
  return collect(zip.outputStream);
}

/** A zip archive with one entry of this name and unix mode, which no well-behaved tool would write. */
export async function hostileZip(name: string, content = "x", mode = 0o100644): Promise<Buffer> {
  const placeholder = "p".repeat(Buffer.byteLength(name));
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(content), placeholder, { mode });
  zip.end();
  const bytes = await collect(zip.outputStream);
  const text = bytes.toString("latin1").replaceAll(placeholder, Buffer.from(name).toString("latin1"));
  return Buffer.from(text, "latin1");
}

type TarHeader = Parameters<ReturnType<typeof pack>["entry"]>[0];

/** A gzipped tar archive of these entries. */
export async function tarOf(entries: readonly { header: TarHeader; content?: string }[]): Promise<Buffer> {
  const tar = pack();
  for (const { header, content = "" } of entries) tar.entry(header, content);
  tar.finalize();
  return gzipSync(await collect(tar as unknown as NodeJS.ReadableStream));
}

async function collect(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const parts: Buffer[] = [];
  stream.on("data", (part: Buffer) => parts.push(part));
  await once(stream, "end");
  return Buffer.concat(parts);
}
