import { createWriteStream, existsSync } from "node:fs";
import { link, mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type DebEntry, readDeb } from "../../../debian/deb.ts";
import { mergeUsr } from "../../../debian/usr-merge.ts";

/** Unpacks the programs and libraries of Debian packages into a folder, on a merged /usr. */
export async function unpackPackages(files: readonly string[], root: string): Promise<void> {
  for (const file of files) {
    for await (const entry of readDeb(file)) {
      if (!(await unpack(entry, root))) entry.content.resume();
    }
  }
}

async function unpack({ header, content }: DebEntry, root: string): Promise<boolean> {
  const path = mergeUsr(header.name);
  // What is below /usr/share is documentation, but for the wheels.
  if (!/^usr\/(bin|lib\w*|share\/python-wheels)\//.test(path) || existsSync(join(root, path))) return false;
  const target = join(root, path);
  await mkdir(dirname(target), { recursive: true });
  if (header.type === "symlink") await symlink(relativeTarget(path, header.linkname ?? ""), target);
  else if (header.type === "link") await link(join(root, mergeUsr(header.linkname ?? "")), target);
  else if (header.type === "file") await pipeline(content, createWriteStream(target, { mode: header.mode ?? 0o644 }));
  return header.type === "file";
}

/** Absolute links are about the image's root. */
function relativeTarget(path: string, target: string): string {
  if (!target.startsWith("/")) return target;
  return `${"../".repeat(path.split("/").length - 1)}${mergeUsr(target.slice(1))}`;
}
