import { readFile } from "node:fs/promises";

/** Reads os-release(5): NAME=value lines with shell quoting, empty when the file is not there. */
export async function readOsRelease(file = "/etc/os-release"): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(file, "utf8").catch(() => "");
  const pairs = [...text.matchAll(/^([A-Z0-9_]+)=(?:"([^"]*)"|'([^']*)'|(.*))$/gm)];
  return Object.fromEntries(pairs.map(([, name, double, single, bare]) => [name!, double ?? single ?? bare ?? ""]));
}
