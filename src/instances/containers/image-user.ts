import { readFile, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";

/** Longest /etc/passwd and /etc/group that are read. */
const MOST_BYTES = 4 * 1024 * 1024;

const MOST_RESOLVED = 1_000;

/** Layers do not change, and starting an instance must not wait for the disk. */
const resolved = new Map<string, ContainerUser>();

export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  /** Home folder by the image's /etc/passwd; undefined when the user has no line there. */
  readonly home: string | undefined;
}

/**
 * Resolves USER of an image configuration ("", "uid", "uid:gid", "name", "name:group") by the image's /etc/passwd and
 * /etc/group, as container engines do. No USER means root of the container, as on Cloud Run. Rejects when a name is unknown.
 */
export async function resolveImageUser(user: string, layers: readonly string[]): Promise<ContainerUser> {
  const key = JSON.stringify([user, layers]);
  const known = resolved.get(key) ?? (await readImageUser(user, layers));
  if (resolved.size >= MOST_RESOLVED) resolved.clear();
  resolved.set(key, known);
  return known;
}

async function readImageUser(user: string, layers: readonly string[]): Promise<ContainerUser> {
  const [name = "", group] = user.split(":", 2);
  const line = await findLine(layers, "etc/passwd", name === "" ? "0" : name);
  const uid = name === "" ? 0 : (number(name) ?? number(line?.[2]));
  if (uid === undefined) throw new Error(`The image's user "${user}" is not in its /etc/passwd.`);
  const gid = group === undefined ? (number(line?.[3]) ?? 0) : await resolveGroup(group, layers);
  if (gid === undefined) throw new Error(`The image's group "${user}" is not in its /etc/group.`);
  return { uid, gid, home: line?.[5] };
}

async function resolveGroup(group: string, layers: readonly string[]): Promise<number | undefined> {
  return number(group) ?? number((await findLine(layers, "etc/group", group))?.[2]);
}

/** The colon-separated fields of the line whose name or number is `key`, in the topmost layer that has the file. */
async function findLine(layers: readonly string[], path: string, key: string): Promise<string[] | undefined> {
  for (const layer of layers.toReversed()) {
    const text = await readInside(layer, path);
    if (text === undefined) continue;
    const lines = text.split("\n").map((line) => line.split(":"));
    return lines.find((fields) => fields[0] === key) ?? lines.find((fields) => fields[2] === key && fields.length > 2);
  }
  return undefined;
}

/** Reads a file of a layer, unless a symbolic link leads out of the layer or it is far too large. */
async function readInside(layer: string, path: string): Promise<string | undefined> {
  try {
    const root = await realpath(layer);
    const file = await realpath(join(layer, path));
    const isInside = file.startsWith(root + sep) && (await stat(file)).size <= MOST_BYTES;
    return isInside ? await readFile(file, "utf8") : undefined;
  } catch {
    return undefined;
  }
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
