import { readFile, realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";

/** How Go on this machine reaches modules and checks them; what is not set is left to Go's own defaults. */
export interface GoConfiguration {
  /** GOPROXY: module proxies in Go's notation. May hold credentials in its URLs. */
  readonly proxy?: string;
  /** GOSUMDB: the checksum database, as NAME, NAME+KEY or NAME+KEY URL, or "off". */
  readonly checksumDatabase?: string;
  /** The settings for modules that are not public, by variable: GOPRIVATE, GONOPROXY, GONOSUMDB and GOINSECURE. */
  readonly patterns: Readonly<Record<string, string>>;
}

const PATTERNS = ["GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOINSECURE"];

/**
 * Reads what "go env" would say, without Go: the environment, then the user's file of "go env -w", then the defaults of
 * the Go installation on the PATH if there is one. Google: cmd/go, "Environment variables".
 */
export async function readGoConfiguration(env: NodeJS.ProcessEnv = process.env): Promise<GoConfiguration> {
  const settings = { ...(await installationDefaults(env)), ...(await userSettings(env)), ...nonEmpty(env) };
  const { GOPROXY: proxy, GOSUMDB: checksumDatabase } = settings;
  const patterns = PATTERNS.flatMap((name) => (settings[name] ? [[name, settings[name]] as const] : []));
  return {
    ...(proxy === undefined ? {} : { proxy }),
    ...(checksumDatabase === undefined ? {} : { checksumDatabase }),
    patterns: Object.fromEntries(patterns),
  };
}

/** Reads a file of Go settings: NAME=VALUE lines, in which "#" starts a comment line; empty when it is not there. */
export function parseGoEnv(text: string): Record<string, string> {
  return nonEmpty(
    Object.fromEntries(
      [...text.matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name, value]) => [name!, value!.trim()]),
    ),
  );
}

async function userSettings(env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  if (env["GOENV"] === "off") return {};
  const configuration = env["XDG_CONFIG_HOME"] || (env["HOME"] && join(env["HOME"], ".config"));
  const file = env["GOENV"] || (configuration && join(configuration, "go", "env"));
  return file ? readGoEnv(file) : {};
}

async function installationDefaults(env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  if (env["GOROOT"]) return readGoEnv(join(env["GOROOT"], "go.env"));
  for (const folder of (env["PATH"] ?? "").split(delimiter)) {
    const program = folder && (await realpath(join(folder, "go")).catch(() => ""));
    if (program) return readGoEnv(join(dirname(program), "..", "go.env"));
  }
  return {};
}

async function readGoEnv(file: string): Promise<Record<string, string>> {
  return parseGoEnv(await readFile(file, "utf8").catch(() => ""));
}

function nonEmpty(settings: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}
