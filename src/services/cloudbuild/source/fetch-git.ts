import { lstat, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  type Build,
  type GitSource,
  type SourceProvenance,
  SourceProvenanceSchema,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { entryPath } from "./entry-path.ts";
import type { FetchPlace } from "./fetch-build-source.ts";
import { FetchSourceError } from "./fetch-source.ts";
import { GitError } from "./git/git-error.ts";
import type { Git } from "./git/git.ts";
import { parseGitUrl } from "./git/git-url.ts";

/** Clones a build's git source into the place's folder "source"; rejects with a FetchSourceError in git's words. */
export async function fetchGitSource(
  git: Git,
  source: GitSource,
  { folder, onLine, signal }: FetchPlace,
): Promise<SourceProvenance> {
  const commit = await cloneInto(git, source, join(folder, "source"), { onLine, signal });
  return create(SourceProvenanceSchema, { resolvedGitSource: { ...source, revision: commit } });
}

/** Clones the git dependencies of a build into its workspace, in their order; rejects with a FetchSourceError. */
export async function fetchDependencies(
  git: Git,
  build: Build,
  workspace: string,
  place: Pick<FetchPlace, "onLine" | "signal">,
): Promise<void> {
  for (const { dep } of build.dependencies) {
    if (dep.case !== "gitSource") continue;
    const { repository, revision, destPath } = dep.value;
    const target = entryPath(workspace, destPath);
    if (target === undefined) throw new FetchSourceError("a dependency cannot take the place of the source");
    await assertFree(workspace, target, destPath);
    await cloneInto(git, { url: repository?.repotype.value ?? "", revision }, target, place);
  }
}

async function cloneInto(
  git: Git,
  { url, revision }: { readonly url: string; readonly revision: string },
  folder: string,
  { onLine, signal }: Pick<FetchPlace, "onLine" | "signal">,
): Promise<string> {
  const remote = parseGitUrl(url, "build.source.git_source.url");
  try {
    const { commit } = await git.resolve(remote, revision, signal);
    onLine(`From ${remote.url}`);
    onLine(` * branch            ${revision || "HEAD"} -> FETCH_HEAD`);
    const subject = await git.clone(remote, commit, folder, signal);
    onLine(`HEAD is now at ${commit.slice(0, 7)} ${subject}`);
    return commit;
  } catch (error) {
    throw error instanceof GitError ? new FetchSourceError(error.message, { cause: error }) : error;
  }
}

/** What the source brought along may be a link that leads elsewhere, so no folder on the way is taken for granted. */
async function assertFree(workspace: string, target: string, shown: string): Promise<void> {
  if (await lstat(target).catch(() => undefined))
    throw new FetchSourceError(`the source has something at ${shown} already`);
  await makeFolders(workspace, dirname(target), shown);
}

async function makeFolders(workspace: string, folder: string, shown: string): Promise<void> {
  if (folder === workspace) return;
  await makeFolders(workspace, dirname(folder), shown);
  const stats = await lstat(folder).catch(() => undefined);
  if (!stats) await mkdir(folder, { mode: 0o755 });
  else if (!stats.isDirectory()) throw new FetchSourceError(`a folder on the way to ${shown} is none`);
}
