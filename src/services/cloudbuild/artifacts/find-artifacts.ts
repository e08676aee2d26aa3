import { glob, lstat, readdir, realpath } from "node:fs/promises";
import { basename, join, posix, sep } from "node:path";

/** A file of a workspace, and what it is called below the artifacts' location. */
export interface Artifact {
  readonly file: string;
  readonly name: string;
}

/** A glob matched nothing, or something that is not the build's; the message is for the build's log. */
export class ArtifactError extends Error {
  override readonly name = "ArtifactError";
}

const WORKSPACE = "/workspace";

/**
 * The files of a workspace that a glob of Artifacts.objects matches, in order: a file under its base name, as `gsutil cp`
 * has it, a folder's files under the folder's name. Rejects with an ArtifactError when there is none, and when one lies
 * outside the workspace: the links in it are the steps' work. Nothing may run in the workspace any more.
 */
export async function findArtifacts(workspace: string, path: string): Promise<Artifact[]> {
  const relative = posix.relative(WORKSPACE, posix.resolve(WORKSPACE, path));
  if (relative === ".." || relative.startsWith("../")) throw new ArtifactError(`${path} is not in ${WORKSPACE}`);
  const root = await realpath(workspace);
  const matches: string[] = [];
  for await (const match of glob(relative === "" ? "*" : relative, { cwd: root })) matches.push(match);
  const artifacts: Artifact[] = [];
  for (const match of matches.toSorted((a, b) => (a < b ? -1 : 1))) {
    const file = await realpath(join(root, match)).catch(() => undefined);
    if (file !== undefined && !file.startsWith(root + sep))
      throw new ArtifactError(`${match} leads out of ${WORKSPACE}`);
    if (file !== undefined) artifacts.push(...(await filesOf(file, basename(match))));
  }
  if (artifacts.length === 0) throw new ArtifactError(`No URLs matched: ${path}`);
  return artifacts;
}

async function filesOf(file: string, name: string): Promise<Artifact[]> {
  const stats = await lstat(file);
  if (stats.isFile()) return [{ file, name }];
  if (!stats.isDirectory()) return [];
  const entries = await readdir(file, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((each) => ({ file: each, name: `${name}${each.slice(file.length)}` }));
}
