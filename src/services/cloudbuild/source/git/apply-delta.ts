import { GitError } from "./git-error.ts";

/** The object that a delta makes of its base. Throws a GitError for a delta that does not fit. Google: git-scm.com/docs/pack-format, "Deltified representation". */
export function applyDelta(base: Buffer, delta: Buffer, maxBytes: number): Buffer {
  const reader = { delta, at: 0 };
  const baseSize = readSize(reader);
  const size = readSize(reader);
  if (baseSize !== base.length || size > maxBytes) throw brokenDelta();
  const result = Buffer.allocUnsafe(size);
  let end = 0;
  while (reader.at < delta.length) {
    const part = readPart(reader, base);
    if (part.length === 0 || end + part.length > size) throw brokenDelta();
    end += part.copy(result, end);
  }
  if (end !== size) throw brokenDelta();
  return result;
}

interface Reader {
  readonly delta: Buffer;
  at: number;
}

/** The bytes that one instruction adds: some of the base, or some of its own. */
function readPart(reader: Reader, base: Buffer): Buffer {
  const instruction = readByte(reader);
  if ((instruction & 0x80) === 0) {
    const part = reader.delta.subarray(reader.at, reader.at + instruction);
    reader.at += instruction;
    if (part.length !== instruction) throw brokenDelta();
    return part;
  }
  const offset = readParts(reader, instruction, 0, 4);
  const size = readParts(reader, instruction, 4, 3) || 0x10000;
  if (offset + size > base.length) throw brokenDelta();
  return base.subarray(offset, offset + size);
}

/** A number of which only the bytes that a bit of the instruction announces are there. */
function readParts(reader: Reader, instruction: number, firstBit: number, count: number): number {
  let value = 0;
  for (let index = 0; index < count; index++)
    if (instruction & (1 << (firstBit + index))) value += readByte(reader) * 256 ** index;
  return value;
}

function readSize(reader: Reader): number {
  let size = 0;
  let scale = 1;
  for (;;) {
    const byte = readByte(reader);
    size += (byte & 0x7f) * scale;
    scale *= 128;
    if (size > Number.MAX_SAFE_INTEGER) throw brokenDelta();
    if ((byte & 0x80) === 0) return size;
  }
}

function readByte(reader: Reader): number {
  const byte = reader.delta[reader.at++];
  if (byte === undefined) throw brokenDelta();
  return byte;
}

function brokenDelta(): GitError {
  return new GitError("the repository's server sent a broken delta");
}
