import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDeb822, type Stanza } from "./deb822.ts";

/** One source of binary packages in the host's apt configuration (sources.list(5)). */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** Path of the keyring that Signed-By names, if it names one. */
  readonly keyring?: string;
}

/** Reads the enabled sources of binary packages below an apt configuration folder; none when there is no such folder. */
export async function readAptSources(folder = "/etc/apt"): Promise<AptSource[]> {
  const parts = await readdir(join(folder, "sources.list.d")).catch(() => []);
  const files = [
    "sources.list",
    ...parts.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => join("sources.list.d", name)),
  ];
  const sources = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, file), "utf8").catch(() => "");
      if (file.endsWith(".sources")) return parseDeb822(text).flatMap(sourcesOfStanza);
      return file.endsWith(".list") ? text.split("\n").flatMap(sourcesOfLine) : [];
    }),
  );
  return sources.flat();
}

function sourcesOfStanza(stanza: Stanza): AptSource[] {
  const words = (field: string): string[] => (stanza.get(field) ?? "").split(/\s+/).filter(Boolean);
  if (!words("types").includes("deb") || /^(no|false|0|off)$/i.test(stanza.get("enabled") ?? "")) return [];
  const signedBy = stanza.get("signed-by") ?? "";
  return words("uris").flatMap((uri) =>
    words("suites").map((suite) => source(uri, suite, words("components"), signedBy)),
  );
}

function sourcesOfLine(line: string): AptSource[] {
  const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
  if (!match) return [];
  const signedBy = /(?:^|\s)signed-by=(\S+)/.exec(match[1] ?? "")?.[1] ?? "";
  return [source(match[2]!, match[3]!, match[4]!.split(/\s+/).filter(Boolean), signedBy)];
}

function source(uri: string, suite: string, components: readonly string[], signedBy: string): AptSource {
  const keyring = signedBy.startsWith("/") ? signedBy.split(/[\s,]/)[0] : undefined;
  return { uri: uri.replace(/\/+$/, ""), suite, components, ...(keyring === undefined ? {} : { keyring }) };
}
