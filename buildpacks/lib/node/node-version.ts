import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BuildContext } from "../context.ts";

/** Versions by the path of the program; asking one is a process of its own. */
const known = new Map<string, Promise<string>>();

/** The version of the node on the PATH, without "v". */
export function nodeVersion(context: BuildContext): Promise<string> {
  const program = findNode(context.env["PATH"]);
  const version = known.get(program) ?? readVersion(context, program);
  known.set(program, version);
  return version;
}

async function readVersion(context: BuildContext, program: string): Promise<string> {
  return versionFromHeaders(program) ?? (await context.exec([program, "-v"])).stdout.replace(/^v/, "");
}

/** The program that runs as node by that PATH. */
export function findNode(path = ""): string {
  const folder = path.split(":").find((candidate) => candidate && existsSync(join(candidate, "node")));
  return folder === undefined ? "node" : realpathSync(join(folder, "node"));
}

/** Node's distribution carries its version in a header file; reading it is much quicker than starting node. */
function versionFromHeaders(program: string): string | undefined {
  const header = join(dirname(dirname(program)), "include", "node", "node_version.h");
  if (!existsSync(header)) return undefined;
  const text = readFileSync(header, "utf8");
  const numbers = ["MAJOR", "MINOR", "PATCH"].map(
    (name) => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1],
  );
  return numbers.every(Boolean) ? numbers.join(".") : undefined;
}
