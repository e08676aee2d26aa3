import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { PassThrough, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack, type Header, type Pack } from "tar-stream";
import { hashed } from "../digest.ts";
import type { Descriptor } from "../manifest.ts";
import { mediaTypes } from "../media-types.ts";
import type { LayerEntry } from "./layer-entry.ts";

/** The one modification time of every entry, as Cloud Native Buildpacks have it (1980-01-01T00:00:01Z). */
export const LAYER_TIME: Date = new Date("1980-01-01T00:00:01Z");

/** A fast deflate level: layers are read from the same machine far more often than over a thin line. */
const GZIP_LEVEL = 1;

export interface WrittenLayer {
  /** Descriptor of the file as written: media type, digest and size. */
  readonly descriptor: Descriptor;
  /** Digest of the uncompressed archive, sha256:HEX. */
  readonly diffId: string;
  readonly file: string;
}

/**
 * Writes entries as a layer archive to `file`. The same entries in the same order give the same bytes: nothing of the
 * machine, the clock or the user gets in. "none" writes a plain tar, whose bytes do not depend on a compressor either.
 */
export async function writeLayer(
  entries: AsyncIterable<LayerEntry> | Iterable<LayerEntry>,
  file: string,
  compression: "gzip" | "none" = "gzip",
): Promise<WrittenLayer> {
  const archive = pack();
  const plain = createHash("sha256");
  const stored = createHash("sha256");
  let size = 0;
  const count = async function* (chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of hashed(chunks, stored)) {
      size += chunk.byteLength;
      yield chunk;
    }
  };
  const writing = pipeline(
    archive as unknown as AsyncIterable<Uint8Array>,
    (chunks) => hashed(chunks, plain),
    compressor(compression),
    count,
    createWriteStream(file),
  );
  await Promise.all([writing, addAll(archive, entries)]);
  const mediaType = compression === "gzip" ? mediaTypes.layerGzip : mediaTypes.layer;
  const digest = `sha256:${stored.digest("hex")}`;
  return { descriptor: { mediaType, digest, size }, diffId: `sha256:${plain.digest("hex")}`, file };
}

function compressor(compression: "gzip" | "none"): Transform {
  return compression === "gzip" ? createGzip({ level: GZIP_LEVEL }) : new PassThrough();
}

async function addAll(archive: Pack, entries: AsyncIterable<LayerEntry> | Iterable<LayerEntry>): Promise<void> {
  try {
    for await (const entry of entries) await add(archive, entry);
    archive.finalize();
  } catch (error) {
    archive.destroy(error as Error);
    throw error;
  }
}

async function add(archive: Pack, entry: LayerEntry): Promise<void> {
  const header: Partial<Header> & Pick<Header, "name"> = {
    name: entry.type === "directory" ? `${entry.path}/` : entry.path,
    type: entry.type,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    mtime: LAYER_TIME,
    ...(entry.type === "file" ? { size: entry.size } : {}),
    ...(entry.type === "symlink" || entry.type === "link" ? { linkname: entry.target } : {}),
  };
  const content = entry.type === "file" ? entry.content : undefined;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const done = (error?: Error | null): void => (error ? reject(error) : resolve());
  if (content === undefined || typeof content !== "function") {
    archive.entry(header, asBuffer(content), done);
    return promise;
  }
  const sink = archive.entry(header, done);
  promise.catch(() => {});
  await pipeline(content, sink);
  return promise;
}

function asBuffer(bytes: Uint8Array = new Uint8Array()): Buffer {
  // The archive takes Buffers only.
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
