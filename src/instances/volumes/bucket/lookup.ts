import { FsError } from "../fuse/file-system.ts";
import { type BucketContext, kindOf } from "./context.ts";
import { isConflictName, type Node } from "./nodes.ts";
import type { Found } from "./stat-cache.ts";
import type { StorageObject } from "./storage-client.ts";

/** The node that a name in a folder leads to; ENOENT when there is none. */
export async function resolve(context: BucketContext, parent: Node, name: string): Promise<Node> {
  const local = context.nodes.child(parent, name);
  if (local?.staged !== undefined) return local;
  const found = await find(context, context.nodes.pathIn(parent, name), isConflictName(name));
  // Created here meanwhile.
  const created = context.nodes.child(parent, name);
  if (created?.staged !== undefined) return created;
  if (found.kind === "absent") {
    context.nodes.detach(created);
    throw new FsError("ENOENT");
  }
  const node = created?.kind === found.kind ? created : context.nodes.add(parent, name, found.kind);
  if (found.kind !== "directory" && node.object !== found.object) know(context, node, found.object);
  return node;
}

/** The same without the error. */
export async function resolveIfThere(context: BucketContext, parent: Node, name: string): Promise<Node | undefined> {
  return resolve(context, parent, name).catch((error: unknown) => {
    if (error instanceof FsError && error.code === "ENOENT") return undefined;
    throw error;
  });
}

/**
 * Asks for the newest generation of a file that is at most so old. ESTALE when it was deleted, by which the kernel looks
 * its name up again, and finds nothing or something new.
 */
export async function refresh(context: BucketContext, node: Node, maxAgeMs: number): Promise<StorageObject> {
  const { objects, nodes, cache, clock } = context;
  if (node.object !== undefined && clock.nowMs() - node.checkedAtMs < maxAgeMs) return node.object;
  if (node.unlinked && node.object !== undefined) return node.object;
  const path = nodes.pathOf(node);
  const object = await objects.get(path);
  if (object === undefined || kindOf(object) !== node.kind) {
    cache.delete(path);
    throw new FsError("ESTALE");
  }
  know(context, node, object);
  cache.set(path, { kind: kindOf(object), object });
  return object;
}

/** Keeps what was learnt of a file. */
export function know({ clock }: BucketContext, node: Node, object: StorageObject): void {
  node.object = object;
  node.checkedAtMs = clock.nowMs();
}

async function find(context: BucketContext, path: string, fileOnly: boolean): Promise<Found> {
  const { objects, cache } = context;
  const cached = fileOnly ? undefined : cache.get(path);
  if (cached !== undefined) return cached;
  const [object, folder] = await Promise.all([objects.get(path), fileOnly ? false : isFolder(context, path)]);
  const found: Found = folder ? { kind: "directory" } : object ? { kind: kindOf(object), object } : { kind: "absent" };
  if (!fileOnly) cache.set(path, found);
  return found;
}

/** Whether a folder has an object of its own or, where that is enough, objects in it. */
async function isFolder({ objects, options }: BucketContext, path: string): Promise<boolean> {
  if (!options.implicitDirs) return (await objects.get(`${path}/`)) !== undefined;
  const { items = [] } = await objects.list({ prefix: `${path}/`, maxResults: 1 });
  return items.length > 0;
}
