import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../../../../platform/write-durably.ts";
import { type ModuleProxies, ModuleProxyError } from "./module-proxy.ts";
import { type NoteKey, noteKey, openNote } from "./signed-note.ts";
import { createTileReader, hasRecord, isGrownFrom, recordHash, type Tree } from "./transparency-log.ts";

/**
 * The key of the checksum database that Go uses by default; whose it is is part of its id, so that it fits no other name.
 * Google: cmd/go/internal/modfetch/key.go.
 */
const DEFAULT_KEY = "Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

/** Thrown when the checksum database cannot vouch for a module. */
export class ChecksumError extends Error {
  override readonly name = "ChecksumError";
}

export interface ChecksumDatabaseDeps {
  readonly proxies: ModuleProxies;
  /** GOSUMDB: NAME, NAME+ID+KEY, or either with a URL behind a space. */
  readonly gosumdb: string;
  /** Keeps the last tree seen, so that a database cannot show another history later. */
  readonly folder: string;
}

/**
 * The h1 hash of a module's zip, as the checksum database has it: the record is proven to be in the tree that the
 * database signed, and that tree to have grown from the one seen last, as cmd/go does. Throws a ChecksumError otherwise.
 */
export async function lookUpChecksum(deps: ChecksumDatabaseDeps, module: string, version: string): Promise<string> {
  const { key, url } = parseGosumdb(deps.gosumdb);
  const base = await baseUrl(deps.proxies, key.name, url);
  const fetchText = async (path: string): Promise<Buffer> => {
    const bytes = await deps.proxies.bytes(`${base}/${path}`);
    if (!bytes) throw new ChecksumError(`the checksum database ${key.name} does not have ${path}`);
    return bytes;
  };
  const answer = (await fetchText(`lookup/${module}@${version}`)).toString("utf8");
  const { id, record, note } = splitAnswer(answer);
  const tree = readTree(note, key);
  const read = createTileReader(tree.size, fetchText);
  if (!(await hasRecord(tree, id, recordHash(Buffer.from(record)), read))) {
    throw new ChecksumError(`the record of ${module}@${version} is not in the tree of ${key.name}`);
  }
  await rememberTree(deps.folder, key, { tree, note, read });
  const hash = record.split("\n").find((line) => line.startsWith(`${module} ${version} h1:`));
  if (hash === undefined)
    throw new ChecksumError(`the checksum database ${key.name} has no hash of ${module}@${version}`);
  return hash.slice(`${module} ${version} `.length);
}

/** Google: cmd/go/internal/modfetch/sumdb.go, dbDial. */
function parseGosumdb(gosumdb: string): { readonly key: NoteKey; readonly url: string } {
  const [named = "", url, ...rest] = gosumdb.trim().split(/\s+/);
  if (named === "off") throw new ChecksumError("checksum database disabled by GOSUMDB=off");
  const [, name = "", id, base64 = DEFAULT_KEY] = /^([^+]+)(?:\+([0-9a-f]{8})\+(.+))?$/.exec(named) ?? [];
  if (name === "" || rest.length > 0) throw new ChecksumError(`invalid GOSUMDB: ${gosumdb}`);
  const key = noteKey(name, base64);
  if (id !== undefined && key.id.toString("hex") !== id)
    throw new ChecksumError(`invalid GOSUMDB: malformed key of ${name}`);
  return { key, url: (url ?? `https://${name}`).replace(/\/+$/, "") };
}

/** Google: design/25530-sumdb, "Proxying a Checksum Database": what a proxy passes on is never asked for elsewhere. */
async function baseUrl(proxies: ModuleProxies, name: string, direct: string): Promise<string> {
  try {
    const { url } = await proxies.text(`sumdb/${name}/supported`);
    return url.slice(0, -"/supported".length);
  } catch (error) {
    if (error instanceof ModuleProxyError && error.cause === undefined) return direct;
    throw error;
  }
}

function splitAnswer(answer: string): { readonly id: number; readonly record: string; readonly note: string } {
  const [, id, record, note] = /^(\d+)\n((?:.+\n)+)\n([^]*)$/.exec(answer) ?? [];
  if (id === undefined) throw new ChecksumError("the answer of the checksum database is malformed");
  return { id: Number(id), record: record!, note: note! };
}

function readTree(note: string, key: NoteKey): Tree {
  const [, size, hash] = /^go\.sum database tree\n(\d+)\n(\S+)\n/.exec(openNote(note, key)) ?? [];
  if (size === undefined) throw new ChecksumError(`the tree of ${key.name} is malformed`);
  return { size: Number(size), hash: Buffer.from(hash!, "base64") };
}

interface SeenTree {
  readonly tree: Tree;
  readonly note: string;
  readonly read: ReturnType<typeof createTileReader>;
}

async function rememberTree(folder: string, key: NoteKey, { tree, note, read }: SeenTree): Promise<void> {
  const file = join(folder, `${key.name}-${key.id.toString("hex")}.tree`);
  const known = await readFile(file, "utf8").catch(() => undefined);
  const older = known === undefined ? undefined : readTree(known, key);
  // A copy behind the tree that was seen last is older, not another history.
  if (older && older.size > tree.size) return;
  if (older && !(await isGrownFrom(older, tree, read))) {
    throw new ChecksumError(`SECURITY ERROR: the checksum database ${key.name} shows another history than before`);
  }
  await writeDurably(file, note);
}
