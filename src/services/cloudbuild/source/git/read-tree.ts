import { MAX_ENTRIES } from "../../limits.ts";
import { GitError } from "./git-error.ts";
import type { ObjectStore } from "./object-store.ts";

/** A file, link or submodule of a commit. */
export interface TreeFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly oid: string;
  /** "file", "executable", "link" to what the object holds, or "submodule", whose content is elsewhere. */
  readonly kind: FileKind;
}

/** Kinds of what a tree lists besides trees. */
export type FileKind = "file" | "executable" | "link" | "submodule";

const KINDS: Readonly<Record<string, FileKind | "tree">> = {
  "40000": "tree",
  "100644": "file",
  "100664": "file",
  "100755": "executable",
  "120000": "link",
  "160000": "submodule",
};

/** The files of a commit in git's order of paths, and the first line of its message. Throws a GitError for names that no working tree may have. */
export async function readCommit(
  objects: ObjectStore,
  commit: string,
): Promise<{ subject: string; files: TreeFile[] }> {
  const text = (await objects.read(commit, "commit")).toString();
  const tree = /^tree ([0-9a-f]{40})\n/.exec(text)?.[1];
  if (tree === undefined) throw new GitError(`${commit} is no commit`);
  const files: TreeFile[] = [];
  await readTree(objects, tree, "", files);
  const subject = text.slice(text.indexOf("\n\n") + 2).split("\n")[0] ?? "";
  return { subject, files: files.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))) };
}

async function readTree(objects: ObjectStore, oid: string, prefix: string, files: TreeFile[]): Promise<void> {
  if (prefix.split("/").length > 200) throw new GitError("the repository's folders are too deep");
  for (const { name, kind, oid: child } of entriesOf(await objects.read(oid, "tree"))) {
    const path = `${prefix}${name}`;
    if (!isSafeName(name)) throw new GitError(`invalid path '${path}'`);
    if (kind === "tree") await readTree(objects, child, `${path}/`, files);
    else files.push({ path, kind, oid: child });
    if (files.length > MAX_ENTRIES) throw new GitError(`the repository has more than ${MAX_ENTRIES} files`);
  }
}

/** Google: git-scm.com/docs/git-fsck, hasDot, hasDotdot, hasDotgit, fullPathname. */
function isSafeName(name: string): boolean {
  const isSpecial = name === "" || name === "." || name === ".." || name.toLowerCase() === ".git";
  return !isSpecial && !/[/\\\0]/.test(name) && !name.includes("\uFFFD");
}

function* entriesOf(tree: Buffer): Iterable<{ name: string; kind: FileKind | "tree"; oid: string }> {
  for (let at = 0; at < tree.length;) {
    const space = tree.indexOf(0x20, at);
    const end = tree.indexOf(0, space);
    const kind = KINDS[tree.toString("latin1", at, space)];
    if (space === -1 || end === -1 || !kind || end + 21 > tree.length)
      throw new GitError("a tree of the repository is broken");
    yield { kind, name: tree.toString("utf8", space + 1, end), oid: tree.toString("hex", end + 1, end + 21) };
    at = end + 21;
  }
}
