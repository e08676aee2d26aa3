import type { AttributeChanges, Attributes } from "../fuse/file-system.ts";
import { stage, unstage, untilUploaded, upload, uploadedAs } from "./content.ts";
import { attributesOf, type BucketContext, mtimeMetadata } from "./context.ts";
import { refresh } from "./lookup.ts";
import type { Node } from "./nodes.ts";

/** Changes size and time of a node; other attributes are those of the mount. */
export async function setAttributes(
  context: BucketContext,
  node: Node,
  { size, mtimeMs, handle }: AttributeChanges,
): Promise<Attributes> {
  if (size !== undefined) {
    if (node.staged === undefined && handle === undefined) await refresh(context, node, 0);
    await truncate(context, node, size);
    // Nobody will close it who did not open it.
    if (handle === undefined) await upload(context, node);
  }
  if (mtimeMs !== undefined) await setTime(context, node, mtimeMs === "now" ? context.clock.nowMs() : mtimeMs);
  if (node.handles === 0 && node.staged !== undefined && !node.staged.dirty) unstage(node);
  return attributesOf(context, node);
}

/** Cuts a file off, or fills it up with zeros. */
export async function truncate(context: BucketContext, node: Node, size: number): Promise<void> {
  const staged = await stage(context, node, size === 0 ? "empty" : "content");
  await untilUploaded(node);
  staged.truncate(size, context.clock.nowMs());
}

async function setTime(context: BucketContext, node: Node, mtimeMs: number): Promise<void> {
  const { staged, object } = node;
  if (staged !== undefined && (staged.dirty || object === undefined)) return staged.changed(mtimeMs);
  if (node.unlinked || node.kind !== "file") return;
  const patched = await context.objects.patchMetadata(context.nodes.pathOf(node), mtimeMetadata(mtimeMs));
  if (patched.generation === object?.generation) uploadedAs(context, node, patched);
  if (staged !== undefined) staged.mtimeMs = mtimeMs;
}
