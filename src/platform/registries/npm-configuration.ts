import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** How the host's npm reaches its registry. */
export interface NpmConfiguration {
  /** URL of the registry, with a slash at its end. */
  readonly registry: string;
  /** Registries of scopes, by "@scope". */
  readonly scopes: Readonly<Record<string, string>>;
  /** File of certificate authorities, where npm does not use Node's own. */
  readonly caFile?: string;
  readonly proxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
  readonly strictSsl: boolean;
  /** The npmrc lines with the host's credentials for these registries. Secret: whatever gets them can act as the host's user. */
  readonly credentialLines: readonly string[];
}

/** Reads npm's configuration as npm itself sees it, from all its files and variables; `env` replaces the environment. */
export async function readNpmConfiguration(env: NodeJS.ProcessEnv = process.env): Promise<NpmConfiguration> {
  // The level is given because a silent npm, as under "npm run -s", would print nothing.
  const args = ["config", "ls", "--json", "--loglevel=error"];
  const { stdout } = await promisify(execFile)("npm", args, { env, cwd: "/" });
  const settings = JSON.parse(stdout) as Record<string, unknown>;
  const registry = withSlash(textOf(settings["registry"]) ?? "");
  const scopes = Object.entries(settings).flatMap(([name, value]) => {
    const scope = /^(@[^:]+):registry$/.exec(name)?.[1];
    return scope === undefined || typeof value !== "string" ? [] : [[scope, withSlash(value)] as const];
  });
  const files = [textOf(settings["globalconfig"]), textOf(settings["userconfig"])];
  const noProxy = [settings["noproxy"]].flat().filter(Boolean).join(",");
  return {
    registry,
    scopes: Object.fromEntries(scopes),
    ...optional("caFile", textOf(settings["cafile"])),
    ...optional("proxy", textOf(settings["proxy"])),
    ...optional("httpsProxy", textOf(settings["https-proxy"])),
    ...optional("noProxy", noProxy || undefined),
    strictSsl: settings["strict-ssl"] !== false,
    credentialLines: await credentialLines(files, [registry, ...scopes.map(([, url]) => url)]),
  };
}

/**
 * The text of an npmrc file that makes a package manager elsewhere use the same registries. `caFile` is where the
 * certificates are there; credentials are left out unless asked for.
 */
export function formatNpmrc(
  configuration: NpmConfiguration,
  options: { readonly caFile?: string; readonly withCredentials?: boolean } = {},
): string {
  const { registry, scopes, proxy, httpsProxy, noProxy, strictSsl, credentialLines } = configuration;
  const lines = [
    `registry=${registry}`,
    ...Object.entries(scopes).map(([scope, url]) => `${scope}:registry=${url}`),
    ...(options.caFile === undefined ? [] : [`cafile=${options.caFile}`]),
    ...(proxy === undefined ? [] : [`proxy=${proxy}`]),
    ...(httpsProxy === undefined ? [] : [`https-proxy=${httpsProxy}`]),
    ...(noProxy === undefined ? [] : [`noproxy=${noProxy}`]),
    ...(strictSsl ? [] : ["strict-ssl=false"]),
    ...(options.withCredentials ? credentialLines : []),
  ];
  return `${lines.join("\n")}\n`;
}

async function credentialLines(
  files: readonly (string | undefined)[],
  registries: readonly string[],
): Promise<readonly string[]> {
  const texts = await Promise.all(files.map(async (file) => (file ? readFile(file, "utf8").catch(() => "") : "")));
  const places = registries.map((url) => url.replace(/^https?:/, ""));
  // npm keys credentials by "//host/path/:name"; those of a folder hold for what is below.
  return texts
    .join("\n")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => {
      const place = /^(\/\/.*\/):/.exec(line)?.[1];
      return place !== undefined && places.some((wanted) => wanted.startsWith(place));
    });
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}

function optional<Name extends string>(name: Name, value: string | undefined): { [key in Name]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { [key in Name]?: string };
}
