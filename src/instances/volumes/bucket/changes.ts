import { type Attributes, type FileSystem, FsError, type Place } from "../fuse/file-system.ts";
import { unstage, untilUploaded, upload, uploadedAs } from "./content.ts";
import { contentTypeOf } from "./content-type.ts";
import { attributesOf, type BucketContext, METADATA, mtimeMetadata } from "./context.ts";
import type { Files } from "./files.ts";
import { know, resolve, resolveIfThere } from "./lookup.ts";
import type { Node } from "./nodes.ts";
import type { StorageObject } from "./storage-client.ts";

type ChangeMethods = Required<
  Pick<FileSystem, "makeFile" | "makeDirectory" | "symlink" | "unlink" | "removeDirectory" | "rename">
>;

/** Making, removing and renaming: each takes effect in the bucket at once. */
export function bucketChanges(context: BucketContext, files: Pick<Files, "moved">): ChangeMethods {
  const { nodes, objects, cache, clock } = context;

  async function insert(parent: number, name: string, metadata: Record<string, string>) {
    const path = nodes.pathIn(nodes.get(parent), name);
    const times = mtimeMetadata(clock.nowMs());
    const contentType = contentTypeOf(path);
    return objects.insert({ name: path, contentType, metadata: { ...times, ...metadata }, mustBeNew: true });
  }

  function added(parent: number, name: string, kind: "file" | "symlink", object: StorageObject): Attributes {
    const node = nodes.add(nodes.get(parent), name, kind);
    know(context, node, object);
    cache.set(object.name, { kind, object });
    node.lookups++;
    return attributesOf(context, node);
  }

  async function removeObject(path: string): Promise<void> {
    await objects.remove(path).catch(unlessAbsent);
  }

  return {
    makeFile: async (parent, name) => added(parent, name, "file", await insert(parent, name, {})),
    async symlink(parent, name, target) {
      return added(parent, name, "symlink", await insert(parent, name, { [METADATA.symlink]: target }));
    },
    async makeDirectory(parent, name) {
      const path = nodes.pathIn(nodes.get(parent), name);
      await objects.insert({ name: `${path}/`, contentType: contentTypeOf(""), metadata: {}, mustBeNew: true });
      cache.set(path, { kind: "directory" });
      const node = nodes.add(nodes.get(parent), name, "directory");
      node.lookups++;
      return attributesOf(context, node);
    },
    async unlink(parent, name) {
      const node = await resolve(context, nodes.get(parent), name);
      if (node.kind === "directory") throw new FsError("EISDIR");
      const path = nodes.pathOf(node);
      await untilUploaded(node);
      if (node.object !== undefined) await removeObject(path);
      nodes.detach(node);
      if (node.handles === 0) unstage(node);
      cache.delete(path);
    },
    async removeDirectory(parent, name) {
      const node = await resolve(context, nodes.get(parent), name);
      if (node.kind !== "directory") throw new FsError("ENOTDIR");
      await mustBeEmpty(context, node);
      await removeObject(nodes.pathOf(node));
      nodes.detach(node);
      cache.delete(nodes.pathIn(nodes.get(parent), name));
    },
    rename: (from, to, { replace }) => rename(context, files, from, to, replace),
  };
}

async function rename(context: BucketContext, files: Pick<Files, "moved">, from: Place, to: Place, replace: boolean) {
  const [parent, newParent] = [context.nodes.get(from.parent), context.nodes.get(to.parent)];
  const node = await resolve(context, parent, from.name);
  const target = await resolveIfThere(context, newParent, to.name);
  if (target !== undefined && !replace) throw new FsError("EEXIST");
  if (target === node) return;
  if (node.kind === "directory") return renameDirectory(context, node, target, to);
  if (target?.kind === "directory") throw new FsError("EISDIR");
  await renameFile(context, files, node, newParent, to.name);
  if (target !== undefined && target.handles === 0) unstage(target);
}

/** Copies, then deletes: Cloud Storage has no renaming that every bucket takes. */
async function renameFile(context: BucketContext, files: Pick<Files, "moved">, node: Node, parent: Node, name: string) {
  const { nodes, objects, cache } = context;
  await upload(context, node);
  const [path, newPath] = [nodes.pathOf(node), nodes.pathIn(parent, name)];
  const copied = await objects.copy(path, newPath);
  await objects.remove(path).catch(unlessAbsent);
  nodes.move(node, parent, name);
  cache.delete(path);
  if (node.kind === "file") {
    uploadedAs(context, node, copied);
    files.moved(node, copied);
  } else {
    know(context, node, copied);
    cache.set(newPath, { kind: "symlink", object: copied });
  }
}

/** Google: gcsfuse docs/semantics.md: folders with more objects than rename-dir-limit are refused with EMFILE. */
async function renameDirectory(context: BucketContext, node: Node, target: Node | undefined, to: Place): Promise<void> {
  const { nodes, objects, cache, options } = context;
  if (target !== undefined && target.kind !== "directory") throw new FsError("ENOTDIR");
  if (target !== undefined) await mustBeEmpty(context, target);
  for (const each of nodes.all()) if (each.staged?.dirty && isBelow(each, node)) await upload(context, each);
  const prefix = nodes.pathOf(node);
  const newPrefix = `${nodes.pathIn(nodes.get(to.parent), to.name)}/`;
  if (newPrefix.startsWith(prefix)) throw new FsError("EINVAL");
  const names = await namesBelow(context, prefix, options.renameDirLimit + 2);
  if (names.filter((name) => name !== prefix).length > options.renameDirLimit) throw new FsError("EMFILE");
  for (const name of names) await objects.copy(name, newPrefix + name.slice(prefix.length));
  for (const name of names) await objects.remove(name).catch(unlessAbsent);
  nodes.move(node, nodes.get(to.parent), to.name);
  cache.clear();
}

/** Names of objects in a folder, and of its own; no more of them than `most` are looked for. */
async function namesBelow({ objects }: BucketContext, prefix: string, most: number): Promise<string[]> {
  const names: string[] = [];
  let pageToken: string | undefined;
  do {
    const page = await objects.list({ prefix, maxResults: Math.min(1000, most), ...(pageToken && { pageToken }) });
    names.push(...(page.items ?? []).map(({ name }) => name));
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined && names.length < most);
  return names;
}

async function mustBeEmpty(context: BucketContext, node: Node): Promise<void> {
  const prefix = context.nodes.pathOf(node);
  const local = [...context.nodes.all()].some((each) => each.parent === node && each.staged && !each.unlinked);
  const names = await namesBelow(context, prefix, 2);
  if (local || names.some((name) => name !== prefix)) throw new FsError("ENOTEMPTY");
}

function isBelow(node: Node, folder: Node): boolean {
  for (let each: Node | undefined = node; each !== undefined; each = each.parent) if (each === folder) return true;
  return false;
}

function unlessAbsent(error: unknown): void {
  if (!(error instanceof FsError) || error.code !== "ENOENT") throw error;
}
