import type { Attributes, DirectoryEntry, Opened } from "./file-system.ts";
import { FILE_TYPE, OPEN_REPLY } from "./protocol.ts";

const BLOCK_BYTES = 512;
const PREFERRED_BLOCK_BYTES = 128 * 1024;
const ATTRIBUTES_BYTES = 88;
const ENTRY_BYTES = 40 + ATTRIBUTES_BYTES;
/** What a directory entry says for a number of a node that is not known yet. */
const UNKNOWN_INODE = 0xffffffff;
const TWO_TO_32 = 2 ** 32;
const NANOSECONDS_PER_MS = 1_000_000;

/** A request's fields in order; every method moves on. Numbers of 64 bits are exact up to 2^53. */
export class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  u32(): number {
    const value = this.#bytes.readUInt32LE(this.#at);
    this.#at += 4;
    return value;
  }

  u64(): number {
    const low = this.u32();
    return this.u32() * TWO_TO_32 + low;
  }

  skip(bytes: number): this {
    this.#at += bytes;
    return this;
  }

  /** Text up to the next NUL, which is passed. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    const text = this.#bytes.toString("utf8", this.#at, end);
    this.#at = end + 1;
    return text;
  }

  bytes(length: number): Buffer {
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }
}

/** struct fuse_entry_out. */
export function entryReply(attributes: Attributes): Buffer {
  const reply = Buffer.alloc(ENTRY_BYTES);
  writeU64(reply, 0, attributes.node);
  writeU64(reply, 16, Math.floor(attributes.validMs.name / 1000));
  writeU64(reply, 24, Math.floor(attributes.validMs.attributes / 1000));
  reply.writeUInt32LE((attributes.validMs.name % 1000) * NANOSECONDS_PER_MS, 32);
  reply.writeUInt32LE((attributes.validMs.attributes % 1000) * NANOSECONDS_PER_MS, 36);
  writeAttributes(reply, 40, attributes);
  return reply;
}

/** struct fuse_attr_out. */
export function attributesReply(attributes: Attributes): Buffer {
  const reply = Buffer.alloc(16 + ATTRIBUTES_BYTES);
  writeU64(reply, 0, Math.floor(attributes.validMs.attributes / 1000));
  reply.writeUInt32LE((attributes.validMs.attributes % 1000) * NANOSECONDS_PER_MS, 8);
  writeAttributes(reply, 16, attributes);
  return reply;
}

/** struct fuse_open_out. */
export function openReply({ handle, keepCache = false, directIo = false }: Opened): Buffer {
  const reply = Buffer.alloc(16);
  writeU64(reply, 0, handle);
  reply.writeUInt32LE((keepCache ? OPEN_REPLY.KEEP_CACHE : 0) | (directIo ? OPEN_REPLY.DIRECT_IO : 0), 8);
  return reply;
}

/** struct fuse_write_out. */
export function writeReply(bytes: number): Buffer {
  const reply = Buffer.alloc(8);
  reply.writeUInt32LE(bytes);
  return reply;
}

/** struct fuse_statfs_out: room without end, as an object store has. */
export function statfsReply(): Buffer {
  const blocks = 2 ** 35;
  const reply = Buffer.alloc(80);
  for (const at of [0, 8, 16]) writeU64(reply, at, blocks);
  for (const at of [24, 32]) writeU64(reply, at, blocks);
  reply.writeUInt32LE(PREFERRED_BLOCK_BYTES, 40);
  reply.writeUInt32LE(1024, 44);
  reply.writeUInt32LE(PREFERRED_BLOCK_BYTES, 48);
  return reply;
}

/** As many struct fuse_dirent as fit into `size` bytes; the first of `entries` is at `position`. */
export function directoryReply(entries: readonly DirectoryEntry[], position: number, size: number): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  for (const [index, { name, kind }] of entries.entries()) {
    const nameBytes = Buffer.from(name);
    const part = Buffer.alloc(24 + nameBytes.length + (-nameBytes.length & 7));
    if (length + part.length > size) break;
    writeU64(part, 0, UNKNOWN_INODE);
    writeU64(part, 8, position + index + 1);
    part.writeUInt32LE(nameBytes.length, 16);
    part.writeUInt32LE(FILE_TYPE[kind] >> 12, 20);
    nameBytes.copy(part, 24);
    parts.push(part);
    length += part.length;
  }
  return Buffer.concat(parts, length);
}

function writeAttributes(reply: Buffer, at: number, { node, kind, mode, uid, gid, size, mtimeMs }: Attributes): void {
  const seconds = Math.floor(mtimeMs / 1000);
  const nanoseconds = Math.floor((mtimeMs - seconds * 1000) * 1e6);
  writeU64(reply, at, node);
  writeU64(reply, at + 8, size);
  writeU64(reply, at + 16, Math.ceil(size / BLOCK_BYTES));
  for (const time of [0, 1, 2]) {
    reply.writeBigInt64LE(BigInt(seconds), at + 24 + time * 8);
    reply.writeUInt32LE(nanoseconds, at + 48 + time * 4);
  }
  reply.writeUInt32LE(FILE_TYPE[kind] | mode, at + 60);
  reply.writeUInt32LE(1, at + 64);
  reply.writeUInt32LE(uid, at + 68);
  reply.writeUInt32LE(gid, at + 72);
  reply.writeUInt32LE(PREFERRED_BLOCK_BYTES, at + 80);
}

function writeU64(reply: Buffer, at: number, value: number): void {
  reply.writeUInt32LE(value % TWO_TO_32, at);
  reply.writeUInt32LE(Math.floor(value / TWO_TO_32), at + 4);
}
