import { mkdtempDisposableSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFlags } from "./flags.ts";
import { askPodman, PodmanError, print } from "./podman.ts";
import { UsageError } from "./usage-error.ts";

const FLAGS = {
  "all-tags": { kind: "switch", short: "a" },
  "disable-content-trust": { kind: "switch" },
  platform: { kind: "value" },
  quiet: { kind: "switch", short: "q" },
} as const;

/** `docker push`: pushes images one after the other; resolves with the exit code. Throws a UsageError. */
export async function pushImages(args: readonly string[]): Promise<number> {
  const { flags, rest } = readFlags(args, FLAGS, true);
  const isOn = (wanted: string): boolean => flags.findLast(({ name }) => name === wanted)?.value === "true";
  if (flags.some(({ name }) => name === "platform")) throw new UsageError("--platform is not supported");
  if (rest.length === 0) throw new UsageError('"docker push" requires exactly 1 argument.');
  const names = isOn("all-tags") ? (await Promise.all(rest.map(tagsOf))).flat() : rest;
  for (const name of names) await push(name, isOn("quiet"));
  return 0;
}

/** The names of a repository's images in the store. */
async function tagsOf(repository: string): Promise<string[]> {
  const text = await askPodman(["images", "--format", "{{.Repository}}:{{.Tag}}", repository]);
  return text.split("\n").filter((line) => line !== "" && !line.endsWith(":<none>"));
}

async function push(name: string, quiet: boolean): Promise<void> {
  using folder = mkdtempDisposableSync(join(tmpdir(), "push-"));
  const digestFile = join(folder.path, "digest");
  const [repository, tag] = splitTag(name);
  if (!quiet) await print(`The push refers to repository [${repository}]`);
  await askPodman(["push", "--quiet", "--digestfile", digestFile, name]).catch((error: unknown) => {
    throw error instanceof PodmanError ? new PodmanError(pushFailure(error.message, repository, name)) : error;
  });
  await print(quiet ? name : `${tag}: digest: ${readFileSync(digestFile, "utf8")}`);
}

function splitTag(name: string): [string, string] {
  const at = name.lastIndexOf(":");
  return at > name.lastIndexOf("/") ? [name.slice(0, at), name.slice(at + 1)] : [name, "latest"];
}

/** What docker says where podman repeats all it tried. */
function pushFailure(message: string, repository: string, name: string): string {
  if (/image not known|does not exist|unable to find|no such image/i.test(message)) {
    return name === repository
      ? `An image does not exist locally with the tag: ${repository}`
      : `tag does not exist: ${name}`;
  }
  const lines = message.split("\n").filter((line) => line.startsWith("Error: "));
  return (lines.at(-1) ?? message).replace(/^Error: /, "");
}
