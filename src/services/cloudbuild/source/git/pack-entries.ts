import type { FileHandle } from "node:fs/promises";
import { crc32, inflate, inflateSync, type Zlib } from "node:zlib";
import { GitError } from "./git-error.ts";

/** An object as it lies in a pack: whole, or as a delta of another one. */
export interface PackEntry {
  readonly offset: number;
  readonly type: ObjectType | "delta";
  /** Offset, or hash, of the object that the delta belongs to. */
  readonly base: number | string | undefined;
  readonly dataOffset: number;
  /** Of the data once inflated, bytes. */
  readonly size: number;
  readonly compressedSize: number;
  readonly crc: number;
}

/** The four kinds of objects. */
export type ObjectType = "commit" | "tree" | "blob" | "tag";

const TYPES: Readonly<Record<number, ObjectType>> = { 1: "commit", 2: "tree", 3: "blob", 4: "tag" };
const OFFSET_DELTA = 6;
const HASH_DELTA = 7;
/** Largest single object, bytes: it is held in memory. */
export const MAX_OBJECT_BYTES = 256 * 1024 ** 2;
const MAX_OBJECTS = 1_000_000;
const MAX_HEADER_BYTES = 40;
/** What is smaller is inflated at once. */
const SYNC_BYTES = 64 * 1024;

/**
 * The entries of a pack file in order, each with its inflated data. Throws a GitError where the file is no pack or holds
 * more or larger objects than a source may. Google: git-scm.com/docs/pack-format.
 */
export async function* readPackEntries(pack: FileHandle): AsyncGenerator<{ entry: PackEntry; data: Buffer }> {
  const { size: fileSize } = await pack.stat();
  const header = await readAt(pack, 0, 12);
  if (header.toString("latin1", 0, 4) !== "PACK" || header.readUInt32BE(4) !== 2) throw brokenPack();
  const count = header.readUInt32BE(8);
  if (count > MAX_OBJECTS) throw new GitError(`the repository has more than ${MAX_OBJECTS} objects`);
  let offset = 12;
  for (let index = 0; index < count; index++) {
    const head = readHeader(await readAt(pack, offset, MAX_HEADER_BYTES), offset);
    const { data, compressedSize } = await inflateAt(pack, head.dataOffset, head.size);
    const end = head.dataOffset + compressedSize;
    const crc = crc32(await readAt(pack, offset, end - offset));
    yield { entry: { ...head, compressedSize, crc }, data };
    offset = end;
  }
  if (offset !== fileSize - 20) throw brokenPack();
}

/** The inflated data of an entry. */
export async function readPackData(pack: FileHandle, { dataOffset, size }: PackEntry): Promise<Buffer> {
  return (await inflateAt(pack, dataOffset, size)).data;
}

function readHeader(bytes: Buffer, offset: number): Omit<PackEntry, "compressedSize" | "crc"> {
  let at = 0;
  let byte = bytes[at++] ?? 0;
  const type = (byte >> 4) & 7;
  let size = byte & 15;
  for (let scale = 16; byte & 0x80; scale *= 128) {
    byte = bytes[at++] ?? 0;
    size += (byte & 0x7f) * scale;
  }
  if (size > MAX_OBJECT_BYTES)
    throw new GitError(`the repository has an object of more than ${MAX_OBJECT_BYTES} bytes`);
  const whole = TYPES[type];
  if (whole) return { offset, type: whole, base: undefined, size, dataOffset: offset + at };
  if (type === HASH_DELTA) {
    const base = bytes.toString("hex", at, at + 20);
    return { offset, type: "delta", base, size, dataOffset: offset + at + 20 };
  }
  if (type !== OFFSET_DELTA) throw brokenPack();
  byte = bytes[at++] ?? 0;
  let distance = byte & 0x7f;
  while (byte & 0x80) {
    byte = bytes[at++] ?? 0;
    distance = (distance + 1) * 128 + (byte & 0x7f);
  }
  if (distance <= 0 || distance > offset) throw brokenPack();
  return { offset, type: "delta", base: offset - distance, size, dataOffset: offset + at };
}

/** Deflating never adds more than this to what it does not make smaller. */
function mostCompressed(size: number): number {
  return size + Math.ceil(size / 1000) + 128;
}

async function inflateAt(pack: FileHandle, offset: number, size: number) {
  const window = await readAt(pack, offset, mostCompressed(size));
  const options = { info: true, maxOutputLength: Math.max(size, 1) };
  const { buffer, engine } = await (size < SYNC_BYTES
    ? // The types do not know what `info` changes.
      (inflateSync(window, options) as unknown as Inflated)
    : new Promise<Inflated>((resolve, reject) => {
        inflate(window, options, (error, result) => (error ? reject(error) : resolve(result as unknown as Inflated)));
      }));
  if (buffer.length !== size) throw brokenPack();
  return { data: buffer, compressedSize: engine.bytesWritten };
}

interface Inflated {
  readonly buffer: Buffer;
  readonly engine: Zlib;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let at = 0;
  while (at < length) {
    const { bytesRead } = await file.read(buffer, at, length - at, position + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return buffer.subarray(0, at);
}

function brokenPack(): GitError {
  return new GitError("the repository's server sent a broken pack");
}
