import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress, createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { decompressXz } from "./xz.ts";

/** One file of a package; the content must be read, or skipped with resume(), before the next one is asked for. */
export interface DebEntry {
  readonly header: Header;
  readonly content: Readable;
}

const MAGIC = "!<arch>\n";
const HEADER_BYTES = 60;

/** Reads the files of a .deb (deb(5)) in their order; its maintainer scripts are not looked at. */
export async function* readDeb(file: string): AsyncIterable<DebEntry> {
  const { name, start, size } = await findMember(file, "data.tar");
  const chunks = size === 0 ? [] : createReadStream(file, { start, end: start + size - 1 });
  const archive = extract();
  const reading = pipeline(decoder(name, Readable.from(chunks)), archive as unknown as NodeJS.WritableStream);
  reading.catch(() => {});
  for await (const entry of archive) yield { header: entry.header, content: entry as unknown as Readable };
  await reading;
}

function decoder(name: string, chunks: Readable): AsyncIterable<Uint8Array> {
  switch (name) {
    case "data.tar":
      return chunks;
    case "data.tar.xz":
      return decompressXz(chunks);
    case "data.tar.gz":
      return chunks.pipe(createGunzip());
    case "data.tar.zst":
      return chunks.pipe(createZstdDecompress());
    default:
      throw new TypeError(`unsupported compression in package: ${name}`);
  }
}

async function findMember(file: string, prefix: string): Promise<{ name: string; start: number; size: number }> {
  await using handle = await open(file);
  if ((await readText(handle, 0, MAGIC.length)) !== MAGIC) throw new TypeError(`not a Debian package: ${file}`);
  for (let at = MAGIC.length; ;) {
    const header = await readText(handle, at, HEADER_BYTES);
    if (header.length < HEADER_BYTES) throw new TypeError(`no ${prefix} in ${file}`);
    const name = header.slice(0, 16).trim().replace(/\/$/, "");
    const size = Number(header.slice(48, 58));
    if (name.startsWith(prefix)) return { name, start: at + HEADER_BYTES, size };
    // Members begin at even offsets.
    at += HEADER_BYTES + size + (size % 2);
  }
}

async function readText(handle: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString("latin1", 0, bytesRead);
}
