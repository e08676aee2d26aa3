import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "../../../../platform/clock.ts";
import { MAX_GIT_FETCH_MS, MAX_UNPACKED_BYTES } from "../../limits.ts";
import { entryPath } from "../entry-path.ts";
import { makeLinks } from "../make-links.ts";
import { UnpackError, unpackFailure } from "../unpack-error.ts";
import { fetchPack } from "./fetch-pack.ts";
import { createGitConnection, type GitConnection } from "./git-connection.ts";
import { GitError } from "./git-error.ts";
import { writeGitFolder } from "./git-folder.ts";
import { resolveRevision, type Revision } from "./git-refs.ts";
import type { GitRemote } from "./git-url.ts";
import { type ObjectStore, openPack } from "./object-store.ts";
import { readCommit, type TreeFile } from "./read-tree.ts";

/**
 * Reads repositories over http(s) with git's smart protocol. It runs no program and no hook, and reaches nothing but the
 * repository's server. Rejects with GitErrors.
 */
export interface Git {
  /** The commit of a branch, tag, ref or hash; of the default branch for "". */
  resolve(remote: GitRemote, revision: string, signal: AbortSignal): Promise<Revision>;
  /** Makes a shallow clone of one commit in `folder`, which must not exist; submodules stay empty. Resolves with its subject. */
  clone(remote: GitRemote, commit: string, folder: string, signal: AbortSignal): Promise<string>;
}

/** Git over the network of this machine. */
export function createGit(clock: Clock, connect: GitConnection = createGitConnection()): Git {
  return {
    resolve: (remote, revision, signal) =>
      inTime(clock, signal, (limited) => resolveRevision(connect, remote, revision, limited)),
    clone: (remote, commit, folder, signal) =>
      inTime(clock, signal, (limited) => clone(connect, remote, commit, folder, limited)),
  };
}

async function inTime<Result>(
  clock: Clock,
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  using _timer = clock.after(MAX_GIT_FETCH_MS, () => late.abort());
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } catch (error) {
    if (late.signal.aborted && !signal.aborted) throw new GitError("fetching from the repository takes too long");
    throw error;
  }
}

async function clone(
  connect: GitConnection,
  remote: GitRemote,
  commit: string,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const packFile = `${folder}.pack`;
  try {
    const pack = await fetchPack(connect, remote, commit, packFile, signal);
    await using objects = await openPack(packFile, signal);
    const { subject, files } = await readCommit(objects, commit);
    await mkdir(folder, { mode: 0o755 });
    await writeFiles(folder, objects, files, signal);
    await writeGitFolder(folder, { remote, commit, pack, packFile, objects, files });
    return subject;
  } catch (error) {
    if (error instanceof GitError) throw error;
    const failure = unpackFailure(error, "the repository cannot be read");
    if (failure instanceof UnpackError) throw new GitError(failure.message, { cause: error });
    throw error;
  } finally {
    await rm(packFile, { force: true });
  }
}

async function writeFiles(
  folder: string,
  objects: ObjectStore,
  files: readonly TreeFile[],
  signal: AbortSignal,
): Promise<void> {
  const links: { path: string; target: string }[] = [];
  let bytes = 0;
  for (const { path, kind, oid } of files) {
    signal.throwIfAborted();
    // No name in a tree leads out, so every path has its place.
    const place = entryPath(folder, path)!;
    if (kind === "submodule") {
      await mkdir(place, { recursive: true, mode: 0o755 });
      continue;
    }
    const content = await objects.read(oid, "blob");
    bytes += content.length;
    if (bytes > MAX_UNPACKED_BYTES)
      throw new GitError(`the repository unpacks to more than ${MAX_UNPACKED_BYTES} bytes`);
    await mkdir(dirname(place), { recursive: true, mode: 0o755 });
    if (kind === "link") links.push({ path: place, target: content.toString() });
    else await writeFile(place, content, { flag: "wx", mode: kind === "executable" ? 0o755 : 0o644 });
  }
  await makeLinks(folder, links);
}
