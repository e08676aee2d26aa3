import { createHash, type Hash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { endOfArchive } from "./tar.ts";

export interface WrittenArchive {
  readonly diffId: string;
  readonly blob: { readonly file: string; readonly digest: string; readonly size: number };
}

/** Input goes to the compressor in pieces of one size, so that the same content gives the same bytes. */
const PIECE = 256 * 1024;
/** A fast level: layers are read from the same machine far more often than over a thin line. */
const GZIP_LEVEL = 1;

/** Writes archive pieces as a gzipped layer into `folder`, named by the digest of the uncompressed archive. */
export async function writeArchive(folder: string, pieces: Iterable<Buffer>): Promise<WrittenArchive> {
  const plain = createHash("sha256");
  const stored = createHash("sha256");
  let size = 0;
  const count = async function* (chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    for await (const chunk of chunks) {
      stored.update(chunk);
      size += chunk.byteLength;
      yield chunk;
    }
  };
  const unfinished = join(folder, "layer.unfinished");
  const gzip = createGzip({ level: GZIP_LEVEL, chunkSize: PIECE });
  await pipeline(equalPieces(pieces, plain), gzip, count, createWriteStream(unfinished));
  const diffId = `sha256:${plain.digest("hex")}`;
  const file = `${diffId.replace(":", "-")}.tar.gz`;
  await rename(unfinished, join(folder, file));
  return { diffId, blob: { file, digest: `sha256:${stored.digest("hex")}`, size } };
}

function* equalPieces(pieces: Iterable<Buffer>, hash: Hash): Iterable<Buffer> {
  let gathered: Buffer[] = [];
  let length = 0;
  for (const piece of withEnd(pieces)) {
    hash.update(piece);
    gathered.push(piece);
    length += piece.byteLength;
    if (length < PIECE) continue;
    const whole = Buffer.concat(gathered);
    const end = length - (length % PIECE);
    for (let at = 0; at < end; at += PIECE) yield whole.subarray(at, at + PIECE);
    gathered = [whole.subarray(end)];
    length -= end;
  }
  yield Buffer.concat(gathered);
}

function* withEnd(pieces: Iterable<Buffer>): Iterable<Buffer> {
  yield* pieces;
  yield endOfArchive;
}
