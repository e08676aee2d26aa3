import type { StorageObject } from "./storage-client.ts";
import { contentTypeOf } from "./content-type.ts";
import { type BucketContext, mtimeMetadata } from "./context.ts";
import { know } from "./lookup.ts";
import type { Node } from "./nodes.ts";
import { StagedFile } from "./staged-file.ts";

/** The content of a file that is about to change: what the object holds, or nothing if that is not wanted. */
export async function stage(context: BucketContext, node: Node, wanted: "content" | "empty"): Promise<StagedFile> {
  const before = node.staged;
  if (before !== undefined) return before;
  const { objects, stagingFolder, clock } = context;
  const staged = new StagedFile(stagingFolder, clock.nowMs());
  const { object } = node;
  try {
    if (wanted === "content" && object !== undefined && Number(object.size) > 0) {
      await objects.download(object, staged.fd);
      staged.size = Number(object.size);
    }
  } catch (error) {
    staged[Symbol.dispose]();
    throw error;
  }
  // Two writers may have begun at the same time; the first one's file is everybody's.
  if (node.staged !== undefined) {
    staged[Symbol.dispose]();
    return node.staged;
  }
  node.staged = staged;
  return staged;
}

/** Waits until no upload reads the content, which must not change under it. */
export async function untilUploaded(node: Node): Promise<void> {
  while (node.uploading !== undefined) await node.uploading.catch(() => {});
}

/** Uploads what changed of a file; resolves when the bucket holds it. The last one to do so wins. */
export async function upload(context: BucketContext, node: Node): Promise<void> {
  await untilUploaded(node);
  const { staged } = node;
  if (staged === undefined || !staged.dirty || node.unlinked) return;
  const uploading = insertStaged(context, node, staged);
  node.uploading = uploading;
  try {
    await uploading;
  } finally {
    delete node.uploading;
  }
}

/** Forgets content that is uploaded, so that the object is asked again. */
export function unstage(node: Node): void {
  node.staged?.[Symbol.dispose]();
  delete node.staged;
}

/** Keeps an object that was made of a file's content. */
export function uploadedAs(context: BucketContext, node: Node, object: StorageObject): void {
  know(context, node, object);
  node.cachedGeneration = object.generation;
  context.cache.set(object.name, { kind: "file", object });
}

async function insertStaged(context: BucketContext, node: Node, staged: StagedFile): Promise<void> {
  const { version, fd, size, mtimeMs } = staged;
  const name = context.nodes.pathOf(node);
  const object = await context.objects.insert({
    name,
    like: node.object,
    contentType: contentTypeOf(name),
    metadata: mtimeMetadata(mtimeMs),
    content: { fd, size },
  });
  staged.uploaded(version);
  uploadedAs(context, node, object);
}
