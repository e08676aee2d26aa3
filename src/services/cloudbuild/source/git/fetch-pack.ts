import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { MAX_ARCHIVE_BYTES } from "../../limits.ts";
import type { GitConnection } from "./git-connection.ts";
import { GitError } from "./git-error.ts";
import type { GitRemote } from "./git-url.ts";
import { packetOf, readPackets } from "./pkt-line.ts";

/** What came with a pack. */
export interface FetchedPack {
  /** SHA-1 that the pack ends with, hex. */
  readonly checksum: string;
  /** Commits whose parents are not in the pack. */
  readonly shallow: readonly string[];
}

const PACK = 1;
const FAILURE = 3;

/**
 * Writes the pack of one commit, without history, into `file`. Rejects with a GitError when the server refuses or the pack
 * is larger than a source archive may be. Google: git-scm.com/docs/protocol-v2, fetch.
 */
export async function fetchPack(
  connect: GitConnection,
  remote: GitRemote,
  commit: string,
  file: string,
  signal: AbortSignal,
): Promise<FetchedPack> {
  const wanted = ["ofs-delta\n", "no-progress\n", `want ${commit}\n`, "deepen 1\n", "done\n"].map(packetOf).join("");
  const body = `${packetOf("command=fetch\n")}0001${wanted}0000`;
  const answer = await connect(remote, { path: "git-upload-pack", body }, signal);
  const shallow: string[] = [];
  await pipeline(packOf(answer, shallow), createWriteStream(file, { flags: "wx", mode: 0o600 }), { signal });
  return { checksum: await checkPack(file, signal), shallow };
}

async function* packOf(answer: AsyncIterable<Uint8Array>, shallow: string[]): AsyncGenerator<Buffer> {
  let section = "";
  let bytes = 0;
  for await (const packet of readPackets(answer)) {
    if (typeof packet === "string") section = packet === "delimiter" ? "" : section;
    else if (section !== "packfile") {
      const line = packet.toString().trim();
      if (line.startsWith("ERR ")) throw new GitError(`remote error: ${line.slice(4)}`);
      if (line.startsWith("shallow ")) shallow.push(line.slice(8));
      if (section === "") section = line;
    } else if (packet[0] === FAILURE) throw new GitError(`remote error: ${packet.subarray(1).toString().trim()}`);
    else if (packet[0] === PACK) {
      bytes += packet.length - 1;
      if (bytes > MAX_ARCHIVE_BYTES) throw new GitError(`the repository is larger than ${MAX_ARCHIVE_BYTES} bytes`);
      yield packet.subarray(1);
    }
  }
}

async function checkPack(file: string, signal: AbortSignal): Promise<string> {
  await using handle = await open(file, "r");
  const { size } = await handle.stat();
  const trailer = Buffer.alloc(20);
  if (size >= 32) await handle.read(trailer, 0, 20, size - 20);
  const hash = createHash("sha1");
  if (size >= 32) await pipeline(createReadStream(file, { end: size - 21 }), hash, { signal });
  if (size < 32 || !hash.digest().equals(trailer)) throw new GitError("the repository's server sent a broken pack");
  return trailer.toString("hex");
}
