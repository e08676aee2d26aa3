import { realpathSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";

/** How the machine's Maven reaches repositories, without anything secret. Maven: "Settings Reference". */
export interface MavenSettings {
  readonly mirrors: readonly MavenMirror[];
  readonly proxies: readonly MavenProxy[];
}

/** A repository that stands for others. */
export interface MavenMirror {
  readonly id: string;
  /** Which repositories, in Maven's notation, for example "*" or "external:*,!internal". */
  readonly mirrorOf: string;
  readonly url: string;
}

/** An HTTP proxy that needs no password. */
export interface MavenProxy {
  readonly protocol: string;
  readonly host: string;
  readonly port: string;
  /** Hosts that are reached without it, separated by "|". */
  readonly nonProxyHosts?: string;
}

/** Reads the user's settings.xml and the installation's; of two mirrors with the same id the user's counts. */
export async function readMavenSettings(
  env: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
): Promise<MavenSettings> {
  const installation = installationFolder(env);
  const files = [
    join(home, ".m2", "settings.xml"),
    ...(installation ? [join(installation, "conf", "settings.xml")] : []),
  ];
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  const settings = texts.map((text) => parseMavenSettings(text, env));
  const mirrors = new Map(
    settings.toReversed().flatMap((one) => one.mirrors.map((mirror) => [mirror.id, mirror] as const)),
  );
  return { mirrors: [...mirrors.values()], proxies: settings.flatMap(({ proxies }) => proxies) };
}

/** The part of a settings.xml that builds need. Mirrors that block what they mirror are left to Maven's own defaults. */
export function parseMavenSettings(xml: string, env: NodeJS.ProcessEnv = {}): MavenSettings {
  const text = xml
    .replaceAll(/<!--[^]*?-->/g, "")
    .replaceAll(/\$\{env\.([^}]+)\}/g, (_, name: string) => env[name] ?? "");
  const mirrors = elements(text, "mirror")
    .filter((mirror) => valueOf(mirror, "blocked") !== "true")
    .map((mirror) => ({
      id: valueOf(mirror, "id") ?? "default",
      mirrorOf: valueOf(mirror, "mirrorOf") ?? "",
      url: withoutCredentials(valueOf(mirror, "url") ?? ""),
    }));
  const proxies = elements(text, "proxy").filter((proxy) => valueOf(proxy, "active") !== "false");
  return { mirrors: mirrors.filter(({ url }) => isRemote(url)), proxies: proxies.flatMap(parseProxy) };
}

/** The URL that stands for Maven's central repository; undefined where no mirror does. Maven: "Using Mirrors for Repositories". */
export function centralMirror({ mirrors }: MavenSettings): string | undefined {
  const exact = mirrors.find(({ mirrorOf }) => mirrorOf.trim() === "central");
  return (exact ?? mirrors.find(({ mirrorOf }) => matchesCentral(mirrorOf)))?.url;
}

function matchesCentral(mirrorOf: string): boolean {
  const patterns = mirrorOf.split(",").map((pattern) => pattern.trim());
  return !patterns.includes("!central") && patterns.some((pattern) => ["*", "external:*", "central"].includes(pattern));
}

function parseProxy(proxy: string): MavenProxy[] {
  const [host, port] = [valueOf(proxy, "host"), valueOf(proxy, "port") ?? "8080"];
  if (host === undefined) return [];
  const nonProxyHosts = valueOf(proxy, "nonProxyHosts");
  const common = { protocol: valueOf(proxy, "protocol") ?? "http", host, port };
  return [{ ...common, ...(nonProxyHosts === undefined ? {} : { nonProxyHosts }) }];
}

function elements(text: string, name: string): string[] {
  return [...text.matchAll(new RegExp(`<${name}>([^]*?)</${name}>`, "g"))].map(([, content]) => content!);
}

function valueOf(text: string, name: string): string | undefined {
  const content = new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1]?.trim();
  return content === undefined || content === "" ? undefined : unescape(content);
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function unescape(text: string): string {
  return text.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name]!);
}

function withoutCredentials(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/, "$1");
}

/** Folders of the machine are not there inside a build. */
function isRemote(url: string): boolean {
  return /^https?:\/\//.test(url);
}

/** Where Maven is installed: what the usual variables say, else where the program on the PATH lies. */
function installationFolder(env: NodeJS.ProcessEnv): string | undefined {
  const named = env["MAVEN_HOME"] ?? env["M2_HOME"];
  if (named) return named;
  const programs = (env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "mvn"));
  const program = programs.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  return program === undefined ? undefined : dirname(dirname(realpathSync(program)));
}
