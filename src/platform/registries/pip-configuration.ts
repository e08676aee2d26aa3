import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** How the host's pip reaches its package index. Nothing of it is a path of this machine. */
export interface PipConfiguration {
  /** URL of the index in place of pip's own; undefined when pip is left to its default. */
  readonly indexUrl?: string;
  /** URLs of further indexes, in order. */
  readonly extraIndexUrls: readonly string[];
  /** Hosts, with or without port, that are trusted without valid certificates. */
  readonly trustedHosts: readonly string[];
  readonly proxy?: string;
}

/** The places that pip reads, in the order in which later ones win. pip: "Configuration", "Location". */
function configurationFiles(env: NodeJS.ProcessEnv): string[] {
  const home = env["HOME"] ?? homedir();
  const file = env["PIP_CONFIG_FILE"];
  // pip reads no file at all then.
  if (file === "/dev/null") return [];
  const system = (env["XDG_CONFIG_DIRS"] ?? "/etc/xdg").split(":").map((folder) => join(folder, "pip", "pip.conf"));
  const user = [
    join(home, ".pip", "pip.conf"),
    join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "pip", "pip.conf"),
  ];
  return [...system, "/etc/pip.conf", ...user, ...(file ? [file] : [])];
}

/** Reads pip's configuration as pip itself does, from its files and variables; `env` replaces the environment. */
export async function readPipConfiguration(env: NodeJS.ProcessEnv = process.env): Promise<PipConfiguration> {
  const texts = await Promise.all(configurationFiles(env).map((file) => readFile(file, "utf8").catch(() => "")));
  // What is said for "pip install" wins over what is said for all commands.
  const global = Object.assign({}, ...texts.map((text) => parseSection(text, "global"))) as Settings;
  const install = Object.assign({}, ...texts.map((text) => parseSection(text, "install"))) as Settings;
  const settings: Settings = { ...global, ...install, ...variables(env) };
  const words = (name: string): string[] => (settings[name] ?? "").split(/\s+/).filter(Boolean);
  const [indexUrl] = words("index-url").map(withoutCredentials);
  const [proxy] = words("proxy");
  return {
    ...(indexUrl === undefined ? {} : { indexUrl }),
    extraIndexUrls: words("extra-index-url").map(withoutCredentials),
    trustedHosts: words("trusted-host"),
    ...(proxy === undefined ? {} : { proxy }),
  };
}

type Settings = Readonly<Record<string, string>>;

/** The settings of a section of an INI file as Python's configparser reads it: values go on in indented lines. */
function parseSection(text: string, wanted: string): Settings {
  const settings: Record<string, string> = {};
  let section = "";
  let name = "";
  for (const line of text.split("\n")) {
    const [, header] = /^\[([^\]]+)\]/.exec(line) ?? [];
    const [, key, value] = /^([^\s#;=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (/^\s*([#;]|$)/.test(line)) continue;
    if (header !== undefined) section = header;
    else if (section !== wanted) continue;
    else if (key !== undefined) settings[(name = key.toLowerCase().replaceAll("_", "-"))] = value!.trim();
    else if (name) settings[name] = `${settings[name]}\n${line.trim()}`;
  }
  return settings;
}

/** PIP_INDEX_URL is index-url. */
function variables(env: NodeJS.ProcessEnv): Settings {
  const own = Object.entries(env).filter(([name, value]) => name.startsWith("PIP_") && value);
  return Object.fromEntries(own.map(([name, value]) => [name.slice(4).toLowerCase().replaceAll("_", "-"), value!]));
}

function withoutCredentials(url: string): string {
  return url.replace(/^([a-z+]+:\/\/)[^/@]*@/i, "$1");
}
