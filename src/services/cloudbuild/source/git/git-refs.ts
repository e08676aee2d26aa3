import type { GitConnection } from "./git-connection.ts";
import { GitError } from "./git-error.ts";
import type { GitRemote } from "./git-url.ts";
import { packetOf, readPackets } from "./pkt-line.ts";

/** What a revision of a repository is. */
export interface Revision {
  readonly commit: string;
  /** "refs/heads/main"; undefined for a commit that was given by its hash. */
  readonly ref: string | undefined;
}

const COMMIT = /^[0-9a-f]{40}$/;
const MAX_REFS = 100_000;

/**
 * Finds the commit of a revision: a branch, a tag, a whole ref, a commit's full hash, or the default branch for "". Rejects
 * with a GitError when there is none. Google: git-scm.com/docs/protocol-v2, ls-refs.
 */
export async function resolveRevision(
  connect: GitConnection,
  remote: GitRemote,
  revision: string,
  signal: AbortSignal,
): Promise<Revision> {
  await discover(connect, remote, signal);
  if (COMMIT.test(revision)) return { commit: revision, ref: undefined };
  const names = candidatesOf(revision);
  const prefixes = names.map((name) => packetOf(`ref-prefix ${name}\n`)).join("");
  const body = `${packetOf("command=ls-refs\n")}0001${packetOf("peel\n")}${packetOf("symrefs\n")}${prefixes}0000`;
  const refs = await readRefs(await connect(remote, { path: "git-upload-pack", body }, signal));
  for (const name of names) {
    const found = refs.get(name);
    if (found) return { commit: found.commit, ref: found.target ?? name };
  }
  throw new GitError(`couldn't find remote ref ${revision || "HEAD"}`);
}

/** In the order in which git looks (git-scm.com/docs/gitrevisions). */
function candidatesOf(revision: string): string[] {
  if (/[\s~^:?*[\\\p{Cc}]/u.test(revision)) throw new GitError(`couldn't find remote ref ${JSON.stringify(revision)}`);
  if (revision === "" || revision === "HEAD") return ["HEAD"];
  return revision.startsWith("refs/")
    ? [revision]
    : [`refs/tags/${revision}`, `refs/heads/${revision}`, `refs/${revision}`];
}

async function discover(connect: GitConnection, remote: GitRemote, signal: AbortSignal): Promise<void> {
  const answer = await connect(remote, { path: "info/refs?service=git-upload-pack" }, signal);
  const lines: string[] = [];
  for await (const packet of readPackets(answer)) {
    if (typeof packet !== "string") lines.push(packet.toString().trim());
    if (lines.length > 100) break;
  }
  if (!lines.includes("version 2"))
    throw new GitError("the repository's server does not speak version 2 of git's protocol");
  const format = lines.find((line) => line.startsWith("object-format="));
  if (format !== undefined && format !== "object-format=sha1")
    throw new GitError(`repositories with ${format} are not supported by homerun`);
}

async function readRefs(answer: AsyncIterable<Uint8Array>) {
  const refs = new Map<string, { commit: string; target: string | undefined }>();
  for await (const packet of readPackets(answer)) {
    if (typeof packet === "string") continue;
    const [oid = "", name = "", ...attributes] = packet.toString().trim().split(" ");
    const valueOf = (key: string) => attributes.find((each) => each.startsWith(key))?.slice(key.length);
    const commit = valueOf("peeled:") ?? oid;
    if (COMMIT.test(commit)) refs.set(name, { commit, target: valueOf("symref-target:") });
    if (refs.size > MAX_REFS) throw new GitError("the repository has too many refs");
  }
  return refs;
}
