import { createHash } from "node:crypto";

/** The head of a log: how many records it has, and the hash over all of them. */
export interface Tree {
  readonly size: number;
  readonly hash: Buffer;
}

/**
 * Resolves with the hash of the complete subtree of 2^level records whose index among those of its level is `index`.
 * Need not be trusted: what is computed from it is compared with a signed head.
 */
export type ReadHash = (level: number, index: number) => Promise<Buffer>;

/** The hash of one record (RFC 6962, section 2.1). */
export function recordHash(record: Uint8Array): Buffer {
  return createHash("sha256").update(Uint8Array.of(0)).update(record).digest();
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return createHash("sha256").update(Uint8Array.of(1)).update(left).update(right).digest();
}

/** Whether the record with this number and hash is in the tree. */
export async function hasRecord(tree: Tree, id: number, hash: Buffer, read: ReadHash): Promise<boolean> {
  if (!(id >= 0 && id < tree.size)) return false;
  const fold = async (low: number, high: number): Promise<Buffer> => {
    if (id < low || id >= high) return rangeHash(low, high, read);
    if (high - low === 1) return hash;
    const middle = low + splitOf(high - low);
    return nodeHash(...(await Promise.all([fold(low, middle), fold(middle, high)])));
  };
  return (await fold(0, tree.size)).equals(tree.hash);
}

/** Whether every record of the older tree is in the newer one, unchanged and in the same place. */
export async function isGrownFrom(older: Tree, newer: Tree, read: ReadHash): Promise<boolean> {
  if (older.size > newer.size) return false;
  if (older.size === 0) return true;
  // Both hashes come from the same subtrees, so that one log has both heads.
  const fold = async (low: number, high: number): Promise<{ old: Buffer; now: Buffer }> => {
    if (older.size >= high) {
      const both = await rangeHash(low, high, read);
      return { old: both, now: both };
    }
    const middle = low + splitOf(high - low);
    if (older.size <= middle) {
      const [left, right] = await Promise.all([fold(low, middle), rangeHash(middle, high, read)]);
      return { old: left.old, now: nodeHash(left.now, right) };
    }
    const [left, right] = await Promise.all([rangeHash(low, middle, read), fold(middle, high)]);
    return { old: nodeHash(left, right.old), now: nodeHash(left, right.now) };
  };
  const { old, now } = await fold(0, newer.size);
  return old.equals(older.hash) && now.equals(newer.hash);
}

/** The hash over records low to high; low is a multiple of the largest power of two up to the count. */
async function rangeHash(low: number, high: number, read: ReadHash): Promise<Buffer> {
  const count = high - low;
  const level = Math.floor(Math.log2(count));
  if (2 ** level === count) return read(level, low / count);
  const middle = low + splitOf(count);
  return nodeHash(...(await Promise.all([rangeHash(low, middle, read), rangeHash(middle, high, read)])));
}

/** The largest power of two below a count of at least two. */
function splitOf(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}

/** How many levels of the tree one tile holds. */
const TILE_HEIGHT = 8;
const HASH_BYTES = 32;

/**
 * Reads hashes of a tree from its tiles; `fetchTile` resolves with the bytes at a path such as tile/8/0/x001/234.p/5.
 * Google: golang.org/x/mod/sumdb/tlog, Tile.
 */
export function createTileReader(treeSize: number, fetchTile: (path: string) => Promise<Buffer>): ReadHash {
  const tiles = new Map<string, Promise<Buffer>>();
  return async (level, index) => {
    const tileLevel = Math.floor(level / TILE_HEIGHT);
    const inTile = level % TILE_HEIGHT;
    const width = 2 ** TILE_HEIGHT;
    const first = index * 2 ** inTile;
    const tileIndex = Math.floor(first / width);
    const hashesAtLevel = Math.floor(treeSize / 2 ** (tileLevel * TILE_HEIGHT));
    const path = tilePath(tileLevel, tileIndex, Math.min(width, hashesAtLevel - tileIndex * width));
    const running = tiles.get(path) ?? fetchTile(path);
    tiles.set(path, running);
    const start = (first % width) * HASH_BYTES;
    const bytes = (await running).subarray(start, start + 2 ** inTile * HASH_BYTES);
    if (bytes.byteLength !== 2 ** inTile * HASH_BYTES) throw new Error(`${path} of the checksum database is cut short`);
    return foldHashes(bytes);
  };
}

function foldHashes(hashes: Buffer): Buffer {
  if (hashes.byteLength === HASH_BYTES) return hashes;
  const middle = hashes.byteLength / 2;
  return nodeHash(foldHashes(hashes.subarray(0, middle)), foldHashes(hashes.subarray(middle)));
}

function tilePath(level: number, index: number, width: number): string {
  let path = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  }
  return `tile/${TILE_HEIGHT}/${level}/${path}${width === 2 ** TILE_HEIGHT ? "" : `.p/${width}`}`;
}
