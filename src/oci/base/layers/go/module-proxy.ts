import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import type { EnvHttpProxyAgent, fetch } from "undici";

/** Thrown when no module proxy has what was asked for, or none can be asked. */
export class ModuleProxyError extends Error {
  override readonly name = "ModuleProxyError";
}

/** The module proxies of this machine. */
export interface ModuleProxies extends AsyncDisposable {
  /** The text at a path below the first proxy that has it, and the URL it came from. */
  text(path: string): Promise<{ readonly text: string; readonly url: string }>;
  /** The bytes at a URL; undefined where the server says that there is nothing. */
  bytes(url: string): Promise<Buffer | undefined>;
  /** Writes what the first proxy that has it answers into a file. */
  download(path: string, file: string): Promise<void>;
  /** The proxies' URLs in their order, up to "direct" or "off". */
  readonly urls: readonly string[];
}

interface Entry {
  readonly url: string;
  /** Whether any error leads on to the next entry, and not only that there is nothing. */
  readonly fallsBack: boolean;
}

/** Opens the proxies of a GOPROXY value; requests go through the machine's HTTP proxy if it has one. */
export async function openModuleProxies(goproxy: string): Promise<ModuleProxies> {
  // Loaded only where a toolchain is fetched: few servers do that more than once.
  const { EnvHttpProxyAgent, fetch } = await import("undici");
  const entries = parseGoproxy(goproxy);
  const dispatcher = new EnvHttpProxyAgent();
  const open = (url: string): Promise<Readable | undefined> => openUrl(url, { fetch, dispatcher });
  const first = async <T>(path: string, use: (content: Readable, url: string) => Promise<T>): Promise<T> => {
    let failure = new ModuleProxyError(`no module proxy has ${path}`);
    for (const { url, fallsBack } of entries) {
      const target = `${url}/${path}`;
      try {
        const content = await open(target);
        if (content) return await use(content, target);
      } catch (error) {
        failure = new ModuleProxyError(`${withoutCredentials(target)}: ${reasonOf(error)}`, { cause: error });
        if (!fallsBack) break;
      }
    }
    throw failure;
  };
  return {
    urls: entries.map(({ url }) => url),
    text: (path) => first(path, async (content, url) => ({ text: (await collect(content)).toString("utf8"), url })),
    bytes: async (url) => {
      const content = await open(url);
      return content && collect(content);
    },
    download: (path, file) => first(path, (content) => pipeline(content, createWriteStream(file))),
    [Symbol.asyncDispose]: () => dispatcher.close(),
  };
}

/** Google: cmd/go, "GOPROXY": a comma leads on after 404 and 410, a bar after any error; "direct" and "off" end the list. */
export function parseGoproxy(goproxy: string): Entry[] {
  const entries: Entry[] = [];
  for (const [, word = "", separator] of goproxy.matchAll(/([^,|]*)([,|]|$)/g)) {
    const url = word.trim();
    if (url === "direct" || url === "off") break;
    if (url === "") continue;
    const withScheme = url.includes(":/") || url.startsWith("/") ? url : `https://${url}`;
    entries.push({ url: withScheme.replace(/\/+$/, ""), fallsBack: separator === "|" });
  }
  return entries;
}

/** A URL as it may be shown. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/, "$1");
}

interface HttpClient {
  readonly fetch: typeof fetch;
  readonly dispatcher: EnvHttpProxyAgent;
}

async function openUrl(url: string, client: HttpClient): Promise<Readable | undefined> {
  if (url.startsWith("file:")) return openFile(fileURLToPath(url));
  const target = new URL(url);
  const { username, password } = target;
  target.username = target.password = "";
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  const headers: Record<string, string> = username === "" ? {} : { authorization: `Basic ${basic}` };
  const response = await client.fetch(target, { dispatcher: client.dispatcher, headers });
  if (response.ok && response.body) return Readable.fromWeb(response.body);
  await response.body?.cancel();
  if (response.status === 404 || response.status === 410) return undefined;
  throw new Error(`answered with status ${response.status}`);
}

async function openFile(file: string): Promise<Readable | undefined> {
  const stream = createReadStream(file);
  const { promise, resolve, reject } = Promise.withResolvers<Readable | undefined>();
  stream.once("open", () => resolve(stream));
  stream.once("error", (error: NodeJS.ErrnoException) =>
    error.code === "ENOENT" ? resolve(undefined) : reject(error),
  );
  return promise;
}

async function collect(content: Readable): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(content as AsyncIterable<Buffer>));
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
