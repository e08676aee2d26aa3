import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

/** An entry of a zip file. */
export interface ZipEntry {
  readonly name: string;
  /** Reads and decompresses the content. */
  read(): Buffer;
}

/** Signatures and sizes of the parts of a zip file. PKWARE: APPNOTE.TXT, 4.3. */
const END = { signature: 0x06054b50, size: 22 } as const;
const CENTRAL = { signature: 0x02014b50, size: 46 } as const;
const LOCAL = { signature: 0x04034b50, size: 30 } as const;
const MAX_COMMENT = 0xffff;
const DEFLATED = 8;
/** Extra fields that repeat times: NTFS, extended timestamp, Info-ZIP Unix. */
const TIME_FIELDS: ReadonlySet<number> = new Set([0x000a, 0x5455, 0x5855]);
/** 1980-01-01T00:00:02 in MS-DOS's format, as four bytes; the earliest that every tool accepts. */
const EARLIEST: Buffer = Buffer.from([0x01, 0x00, 0x21, 0x00]);

interface Place {
  readonly name: string;
  readonly central: number;
  readonly local: number;
  readonly method: number;
  readonly compressedSize: number;
}

/** The entries of a zip file such as a jar; throws a TypeError for what is none, or one of more than 4 GiB. */
export function readZip(file: string): ZipEntry[] {
  const bytes = readFileSync(file);
  return placesIn(bytes).map((place) => ({ name: place.name, read: () => contentOf(bytes, place) }));
}

/** Sets the times of all entries of a zip file to the same moment; content and order stay as they are. */
export function settleZipTimes(file: string): void {
  const bytes = readFileSync(file);
  for (const { central, local } of placesIn(bytes)) {
    EARLIEST.copy(bytes, central + 12);
    EARLIEST.copy(bytes, local + 10);
    const nameLengths = [bytes.readUInt16LE(central + 28), bytes.readUInt16LE(local + 26)] as const;
    blankTimes(bytes, central + CENTRAL.size + nameLengths[0], bytes.readUInt16LE(central + 30));
    blankTimes(bytes, local + LOCAL.size + nameLengths[1], bytes.readUInt16LE(local + 28));
  }
  const descriptor = openSync(file, "r+");
  try {
    writeSync(descriptor, bytes);
  } finally {
    closeSync(descriptor);
  }
}

/** Zeroes the content of extra fields with times: 1970 for one kind, 1601 for the other, which readers take for "none". */
function blankTimes(bytes: Buffer, start: number, length: number): void {
  for (let at = start; at + 4 <= start + length;) {
    const size = bytes.readUInt16LE(at + 2);
    if (TIME_FIELDS.has(bytes.readUInt16LE(at))) {
      // The first byte of an extended timestamp says which times follow; the first eight of NTFS's are its structure.
      const kept = bytes.readUInt16LE(at) === 0x5455 ? 1 : bytes.readUInt16LE(at) === 0x000a ? 8 : 0;
      bytes.fill(0, at + 4 + kept, Math.min(at + 4 + size, start + length));
    }
    at += 4 + size;
  }
}

function placesIn(bytes: Buffer): Place[] {
  const end = endOf(bytes);
  const count = bytes.readUInt16LE(end + 10);
  const places: Place[] = [];
  for (let at = bytes.readUInt32LE(end + 16); places.length < count;) {
    if (at + CENTRAL.size > end || bytes.readUInt32LE(at) !== CENTRAL.signature) throw new TypeError("not a zip file");
    const nameLength = bytes.readUInt16LE(at + 28);
    places.push({
      name: bytes.toString("utf8", at + CENTRAL.size, at + CENTRAL.size + nameLength),
      central: at,
      local: bytes.readUInt32LE(at + 42),
      method: bytes.readUInt16LE(at + 10),
      compressedSize: bytes.readUInt32LE(at + 20),
    });
    at += CENTRAL.size + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return places;
}

function endOf(bytes: Buffer): number {
  const first = Math.max(0, bytes.length - END.size - MAX_COMMENT);
  for (let at = bytes.length - END.size; at >= first; at--) {
    if (bytes.readUInt32LE(at) === END.signature) return at;
  }
  throw new TypeError("not a zip file");
}

function contentOf(bytes: Buffer, { local, method, compressedSize }: Place): Buffer {
  if (bytes.readUInt32LE(local) !== LOCAL.signature) throw new TypeError("not a zip file");
  const start = local + LOCAL.size + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  const content = bytes.subarray(start, start + compressedSize);
  return method === DEFLATED ? inflateRawSync(content) : content;
}
