import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BuildContext } from "../context.ts";

/** The version of the node on the PATH, without "v". */
export async function nodeVersion(context: BuildContext): Promise<string> {
  return versionFromHeaders(context.env["PATH"]) ?? (await context.exec(["node", "-v"])).stdout.replace(/^v/, "");
}

/** Node's distribution carries its version in a header file; reading it is much quicker than starting node. */
function versionFromHeaders(path: string | undefined): string | undefined {
  const folder = (path ?? "").split(":").find((candidate) => candidate && existsSync(join(candidate, "node")));
  if (folder === undefined) return undefined;
  const header = join(dirname(dirname(realpathSync(join(folder, "node")))), "include", "node", "node_version.h");
  if (!existsSync(header)) return undefined;
  const text = readFileSync(header, "utf8");
  const numbers = ["MAJOR", "MINOR", "PATCH"].map(
    (name) => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1],
  );
  return numbers.every(Boolean) ? numbers.join(".") : undefined;
}
