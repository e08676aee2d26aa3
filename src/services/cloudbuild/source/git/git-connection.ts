import { lookup as dnsLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { getCACertificates } from "node:tls";
import type { Dispatcher } from "undici";
import { GitError } from "./git-error.ts";
import { type GitRemote, isForbiddenAddress } from "./git-url.ts";

/** Asks a repository's server; answers with a stream of bytes. Rejects with a GitError when it refuses. */
export type GitConnection = (
  remote: GitRemote,
  query: { readonly path: string; readonly body?: string },
  signal: AbortSignal,
) => Promise<AsyncIterable<Uint8Array>>;

const MAX_REDIRECTS = 3;
const IDLE_MS = 60_000;

/** Connections with the host's own settings: its proxy variables and the certificate authorities it trusts. */
export function createGitConnection(): GitConnection {
  let opening: Promise<Dispatcher> | undefined;
  return async (remote, query, signal) => {
    const dispatcher = await (opening ??= openDispatcher());
    let url = new URL(`${remote.url}/${query.path}`);
    for (let redirects = 0; ; redirects++) {
      const answer = await ask(dispatcher, remote, url, query.body, signal);
      if (answer.statusCode === 200) return answer.body as AsyncIterable<Uint8Array>;
      await answer.body.dump();
      const location = String(answer.headers["location"] ?? "");
      const isRedirect = query.body === undefined && answer.statusCode >= 300 && answer.statusCode < 400;
      if (!isRedirect || location === "" || redirects === MAX_REDIRECTS) throw refusal(remote, answer.statusCode);
      url = nextUrl(url, location, remote);
    }
  };
}

async function openDispatcher(): Promise<Dispatcher> {
  // Loaded with the first source that comes from a repository, for the sake of all starts.
  const { EnvHttpProxyAgent } = await import("undici");
  const ca = [...getCACertificates("default"), ...getCACertificates("system")];
  const timeouts = { headersTimeout: IDLE_MS, bodyTimeout: IDLE_MS };
  return new EnvHttpProxyAgent({ ...timeouts, connect: { ca, lookup: safeLookup } });
}

async function ask(
  dispatcher: Dispatcher,
  remote: GitRemote,
  url: URL,
  body: string | undefined,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const isOwnHost = url.origin === new URL(remote.url).origin;
  const headers: Record<string, string> = {
    "user-agent": "git/homerun",
    "git-protocol": "version=2",
    ...(remote.authorization !== undefined && isOwnHost && { authorization: remote.authorization }),
    ...(body !== undefined && { "content-type": "application/x-git-upload-pack-request" }),
  };
  try {
    const { request } = await import("undici");
    return await request(url, {
      method: body === undefined ? "GET" : "POST",
      headers,
      dispatcher,
      signal,
      ...(body !== undefined && { body }),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const reason = (error as { cause?: Error }).cause?.message ?? (error as Error).message;
    throw new GitError(`unable to access '${remote.url}/': ${reason}`, { cause: error });
  }
}

function nextUrl(url: URL, location: string, remote: GitRemote): URL {
  const next = URL.parse(location, url.href);
  const isDowngrade = url.protocol === "https:" && next?.protocol !== "https:";
  if (!next || !/^https?:$/.test(next.protocol) || isDowngrade || isForbiddenAddress(next.hostname))
    throw new GitError(`unable to access '${remote.url}/': it redirects to where it must not`);
  return next;
}

/** In git's words. */
function refusal({ url }: GitRemote, status: number): GitError {
  if (status === 401 || status === 403) return new GitError(`Authentication failed for '${url}/'`);
  if (status === 404) return new GitError(`repository '${url}/' not found`);
  return new GitError(`unable to access '${url}/': The requested URL returned error: ${status}`);
}

/** Names must not lead to addresses that URLs must not have. */
const safeLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
    const allowed = error ? [] : addresses.filter(({ address }) => !isForbiddenAddress(address));
    const [first] = allowed;
    if (error || !first) callback(error ?? new Error(`${hostname} has no address that may be asked`), "", 4);
    else if (options.all) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};
