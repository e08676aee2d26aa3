import { spawn } from "node:child_process";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { pack, type Header } from "tar-stream";
import { LAYER_TIME } from "./write-layer.ts";

/** What a layer deletes from the layers below it; paths from the layer's root. */
export interface Whiteouts {
  /** Deleted files and folders. */
  readonly removed: readonly string[];
  /** Folders of this layer that hide the whole folder of the same name below. */
  readonly opaque: readonly string[];
}

/**
 * Writes whiteouts into an unpacked layer the way overlayfs reads them: a 0:0 character device for a removed path, the
 * attribute trusted.overlay.opaque=y on an opaque folder (kernel, overlayfs.rst, "whiteouts and opaque directories").
 * Node.js can make neither, so they travel in a small archive through the host's GNU tar, as root.
 */
export async function writeWhiteouts(folder: string, whiteouts: Whiteouts): Promise<void> {
  if (whiteouts.removed.length + whiteouts.opaque.length === 0) return;
  const args = ["-x", "-f", "-", "-C", folder, "--xattrs", "--xattrs-include=trusted.overlay.*"];
  // Opaque folders exist already with their own mode and owner, which the archive's entry must not change.
  const tar = spawn("tar", [...args, "--no-overwrite-dir"], { stdio: ["pipe", "ignore", "pipe"] });
  const exited = once(tar, "close") as Promise<[number | null]>;
  let errors = "";
  tar.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  await Promise.all([pipeline(archiveOf(whiteouts), tar.stdin).catch(() => {}), exited]);
  const [code] = await exited;
  if (code !== 0) throw new Error(`writing whiteouts needs GNU tar with extended attributes: ${errors.trim()}`);
}

function archiveOf(whiteouts: Whiteouts): AsyncIterable<Uint8Array> {
  const archive = pack();
  const common: Partial<Header> = { mtime: LAYER_TIME, uid: 0, gid: 0 };
  for (const path of whiteouts.removed) {
    archive.entry({ ...common, name: path, type: "character-device", devmajor: 0, devminor: 0 });
  }
  for (const path of whiteouts.opaque) {
    const pax = { "SCHILY.xattr.trusted.overlay.opaque": "y" };
    archive.entry({ ...common, name: `${path}/`, type: "directory", pax });
  }
  archive.finalize();
  return archive as unknown as AsyncIterable<Uint8Array>;
}
