import { constants } from "node:fs";
import { type FileSystem, FsError, type Opened } from "../fuse/file-system.ts";
import { stage, unstage, untilUploaded, upload } from "./content.ts";
import { attributesOf, type BucketContext } from "./context.ts";
import { Handles } from "./handles.ts";
import { refresh } from "./lookup.ts";
import type { Node } from "./nodes.ts";
import { objectReader } from "./object-reader.ts";
import { setAttributes, truncate } from "./set-attributes.ts";
import type { StorageObject } from "./storage-client.ts";

type FileMethods = Required<
  Pick<FileSystem, "open" | "create" | "read" | "write" | "flush" | "sync" | "allocate" | "release" | "setAttributes">
>;

export interface Files extends FileMethods {
  /** Lets opened files follow their object to another name. */
  moved(node: Node, to: StorageObject): void;
}

/** Opening, reading, writing and closing files. Opening asks for the newest generation; closing uploads what changed. */
export function bucketFiles(context: BucketContext): Files {
  const { nodes, clock } = context;
  const handles = new Handles();
  return {
    open: (id, flags) => open(context, handles, nodes.get(id), flags),
    setAttributes: (id, changes) => setAttributes(context, nodes.get(id), changes),
    async create(parent, name, flags) {
      const node = nodes.add(nodes.get(parent), name, "file");
      const staged = await stage(context, node, "empty");
      staged.changed(clock.nowMs());
      node.lookups++;
      return { attributes: attributesOf(context, node), handle: handles.open(node, flags) };
    },
    async read(id, offset, size) {
      const handle = handles.get(id);
      if (handle.node.staged !== undefined) return handle.node.staged.read(offset, size);
      const object = handle.object ?? handle.node.object;
      if (object === undefined) return new Uint8Array(0);
      handle.reader ??= objectReader(context.objects, object);
      return handle.reader.read(offset, size);
    },
    async write(id, offset, data) {
      const { node, append } = handles.get(id);
      const staged = node.staged ?? (await stage(context, node, "content"));
      if (node.uploading !== undefined) await untilUploaded(node);
      staged.write(append ? staged.size : offset, data, clock.nowMs());
    },
    flush: (id) => upload(context, handles.get(id).node),
    sync: (id) => upload(context, handles.get(id).node),
    async allocate(id, bytes) {
      const { node } = handles.get(id);
      const staged = await stage(context, node, "content");
      if (staged.size < bytes) await truncate(context, node, bytes);
    },
    release: (id) => release(context, handles, id),
    moved: (node, to) => handles.follow(node, to),
  };
}

async function open(context: BucketContext, handles: Handles, node: Node, flags: number): Promise<Opened> {
  if (node.kind === "directory") throw new FsError("EISDIR");
  const told = node.toldSize;
  await takeNewest(context, handles, node);
  if ((flags & constants.O_TRUNC) !== 0) await truncate(context, node, 0);
  const generation = node.staged === undefined ? node.object?.generation : node.cachedGeneration;
  const keepCache = generation !== undefined && generation === node.cachedGeneration;
  if (generation !== undefined) node.cachedGeneration = generation;
  // The kernel appends where it believes the end to be, which is a place in its cache.
  const directIo = (flags & constants.O_APPEND) !== 0 && attributesOf(context, node).size !== told;
  return { handle: handles.open(node, flags), keepCache, directIo };
}

/** What another mount uploaded counts from now on, unless something is changed here. */
async function takeNewest(context: BucketContext, handles: Handles, node: Node): Promise<void> {
  if (node.staged?.dirty || node.uploading !== undefined) return;
  // A name that the kernel remembers; files that are open nevertheless may be opened again by their descriptors.
  if (node.unlinked && node.staged === undefined) throw new FsError("ESTALE");
  if (node.unlinked) return;
  const known = node.object;
  const newest = await refresh(context, node, 0);
  if (node.staged === undefined || node.staged.dirty || newest.generation === known?.generation) return;
  handles.follow(node, known);
  unstage(node);
}

async function release(context: BucketContext, handles: Handles, id: number): Promise<void> {
  const { node } = handles.get(id);
  // What was written through a mapping after the last close.
  await upload(context, node).finally(() => handles.close(id));
  if (node.handles === 0 && (node.unlinked || !node.staged?.dirty)) unstage(node);
  context.nodes.release(node);
}
