import { constants } from "node:fs";
import { lstat, open, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import { MAX_DOCUMENT_BYTES } from "../../oci/read-at-most.ts";

/** Says in a store that its names are those of an earlier build; gone once a step of this build has removed them. */
export const INHERITED = "inherited";
const INDEX = "storage/overlay-images/images.json";
const VFS_INDEX = "storage/vfs-images/images.json";

/** Whether the store of a build has an image of this name; steps may write to the store meanwhile, whatever they like. */
export async function hasStoredImage(store: string, name: string): Promise<boolean> {
  const isInherited = await lstat(join(store, INHERITED)).then(
    () => true,
    () => false,
  );
  if (isInherited) return false;
  const wanted = new Set(storedNames(name));
  const names = [...(await readNames(store, INDEX)), ...(await readNames(store, VFS_INDEX))];
  return names.some((each) => wanted.has(each));
}

/** The names under which podman may have stored what docker calls by a name. */
function storedNames(name: string): string[] {
  const tagged = /:[^/]+$/.test(name) ? name : `${name}:latest`;
  const [first = "", ...rest] = tagged.split("/");
  if (rest.length > 0 && (first === "localhost" || /[.:]/.test(first))) return [tagged];
  return [`localhost/${tagged}`, rest.length > 0 ? `docker.io/${tagged}` : `docker.io/library/${tagged}`];
}

async function readNames(store: string, index: string): Promise<string[]> {
  try {
    const path = join(await realpath(store), index);
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = await file.stat();
    // A folder on the way may be a link, too.
    const isOwn = (await readlink(`/proc/self/fd/${file.fd}`)) === path;
    if (!isOwn || !stats.isFile() || stats.size > MAX_DOCUMENT_BYTES) return [];
    const records: unknown = JSON.parse(await file.readFile("utf8"));
    return Array.isArray(records) ? records.flatMap(namesOf) : [];
  } catch {
    return [];
  }
}

function namesOf(record: unknown): string[] {
  const { names } = (record ?? {}) as { names?: unknown };
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}
