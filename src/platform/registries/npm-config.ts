import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Settings that say where packages come from and how: they matter in builds, too. */
const REACH =
  /^(registry|@[^:]+:registry|\/\/.*:(_authToken|_auth|username|_password|email|certfile|keyfile)|https?-?proxy|proxy|noproxy|strict-ssl)$/;

/**
 * The settings of npm's own configuration that say how registries are reached, by npm's keys: the user's and the global
 * npmrc file, and npm_config_* variables. Empty where npm's defaults apply.
 */
export async function readNpmConfig(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Readonly<Record<string, string>>> {
  const userFile =
    environment["NPM_CONFIG_USERCONFIG"] ?? environment["npm_config_userconfig"] ?? join(homedir(), ".npmrc");
  const globalFile =
    environment["NPM_CONFIG_GLOBALCONFIG"] ??
    environment["npm_config_globalconfig"] ??
    join(dirname(dirname(process.execPath)), "etc", "npmrc");
  const files = await Promise.all([globalFile, "/etc/npmrc", userFile].map(readNpmrc));
  return Object.fromEntries([...files.flat(), ...variables(environment)].filter(([key]) => REACH.test(key)));
}

async function readNpmrc(file: string): Promise<[string, string][]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text
    .split("\n")
    .map((line) => /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line))
    .filter((match) => match !== null)
    .map(([, key, value]) => [key!, value!.replaceAll(/^"|"$/g, "")]);
}

/** npm reads npm_config_registry and NPM_CONFIG_REGISTRY alike; "_" stands for "-". */
function variables(environment: NodeJS.ProcessEnv): [string, string][] {
  return Object.entries(environment)
    .map(([name, value]) => [/^npm_config_(.+)$/i.exec(name)?.[1]?.toLowerCase().replaceAll("_", "-"), value] as const)
    .filter((pair): pair is [string, string] => pair[0] !== undefined && Boolean(pair[1]));
}
