import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { applyDelta } from "./apply-delta.ts";
import { GitError } from "./git-error.ts";
import { MAX_OBJECT_BYTES, type ObjectType, type PackEntry, readPackData, readPackEntries } from "./pack-entries.ts";

/** An object of a repository. */
export interface GitObject {
  readonly type: ObjectType;
  readonly data: Buffer;
}

/** The objects of one pack file, by hash. */
export interface ObjectStore extends AsyncDisposable {
  /** Rejects with a GitError when there is no such object, or it is of another type. */
  read(oid: string, type: ObjectType): Promise<Buffer>;
  /** All objects: what an index of the pack is made of. */
  readonly entries: ReadonlyMap<string, PackEntry>;
}

/** How much of what was put together from deltas is kept, bytes. */
const CACHE_BYTES = 16 * 1024 ** 2;
/** Chains of deltas that real packs have are no longer than 4095. */
const MAX_CHAIN = 5000;

/** Opens a pack file; every object in it is read once, so that it is known by its true hash. */
export async function openPack(file: string, signal: AbortSignal): Promise<ObjectStore> {
  const pack = await open(file, "r");
  try {
    const byOffset = new Map<number, PackEntry>();
    const byOid = new Map<string, PackEntry>();
    const deltas: PackEntry[] = [];
    for await (const { entry, data } of readPackEntries(pack)) {
      signal.throwIfAborted();
      byOffset.set(entry.offset, entry);
      if (entry.type === "delta") deltas.push(entry);
      else byOid.set(oidOf({ type: entry.type, data }), entry);
    }
    const cache = createCache();
    const resolve = (entry: PackEntry) => resolveEntry({ pack, byOffset, byOid, cache }, entry);
    await indexDeltas(deltas, byOid, resolve, signal);
    return {
      entries: byOid,
      async read(oid, type) {
        const entry = byOid.get(oid);
        const object = entry && (await resolve(entry));
        if (object?.type !== type) throw new GitError(`the repository's server left out the ${type} ${oid}`);
        return object.data;
      },
      [Symbol.asyncDispose]: () => pack.close(),
    };
  } catch (error) {
    await pack.close();
    throw error;
  }
}

/** A delta that names its base by hash may come before it. */
async function indexDeltas(
  deltas: readonly PackEntry[],
  byOid: Map<string, PackEntry>,
  resolve: (entry: PackEntry) => Promise<GitObject | undefined>,
  signal: AbortSignal,
): Promise<void> {
  let waiting = deltas;
  while (waiting.length > 0) {
    const left: PackEntry[] = [];
    for (const entry of waiting) {
      signal.throwIfAborted();
      const object = await resolve(entry);
      if (object) byOid.set(oidOf(object), entry);
      else left.push(entry);
    }
    if (left.length === waiting.length) throw new GitError("the repository's server left out the base of a delta");
    waiting = left;
  }
}

interface Parts {
  readonly pack: Parameters<typeof readPackData>[0];
  readonly byOffset: ReadonlyMap<number, PackEntry>;
  readonly byOid: ReadonlyMap<string, PackEntry>;
  readonly cache: Cache;
}

/** The object of an entry; undefined when the base of a delta is not known yet. */
async function resolveEntry(parts: Parts, entry: PackEntry): Promise<GitObject | undefined> {
  const chain: PackEntry[] = [];
  let at: PackEntry | undefined = entry;
  let object: GitObject | undefined;
  while (at && !object) {
    object = parts.cache.get(at.offset);
    if (object) break;
    if (at.type !== "delta") object = { type: at.type, data: await readPackData(parts.pack, at) };
    else {
      chain.push(at);
      if (chain.length > MAX_CHAIN) throw new GitError("the repository's server sent deltas without an end");
      at = typeof at.base === "number" ? parts.byOffset.get(at.base) : parts.byOid.get(at.base ?? "");
    }
  }
  if (!object) return undefined;
  for (const delta of chain.toReversed()) {
    const data = applyDelta(object.data, await readPackData(parts.pack, delta), MAX_OBJECT_BYTES);
    object = { type: object.type, data };
    parts.cache.set(delta.offset, object);
  }
  return object;
}

interface Cache {
  get(offset: number): GitObject | undefined;
  set(offset: number, object: GitObject): void;
}

/** Keeps what was put in last. */
function createCache(): Cache {
  const objects = new Map<number, GitObject>();
  let bytes = 0;
  return {
    get: (offset) => objects.get(offset),
    set(offset, object) {
      if (object.data.length > CACHE_BYTES / 4 || objects.has(offset)) return;
      objects.set(offset, object);
      bytes += object.data.length;
      for (const [oldest, { data }] of objects) {
        if (bytes <= CACHE_BYTES) return;
        objects.delete(oldest);
        bytes -= data.length;
      }
    },
  };
}

function oidOf({ type, data }: GitObject): string {
  return createHash("sha1").update(`${type} ${data.length}\0`).update(data).digest("hex");
}
