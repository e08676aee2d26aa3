import type { Clock } from "../../platform/clock.ts";
import type { RegistryFetch } from "../oci.ts";
import { answerChallenge, parseChallenge, type RegistryCredentials } from "./authorization.ts";
import { RegistryClientError } from "./registry-client-error.ts";
import { checkWay, isLoopback } from "./ways.ts";

export interface TransportDeps {
  readonly fetch: RegistryFetch;
  readonly clock: Clock;
  /** Credentials per registry host; without it every registry is asked anonymously. */
  readonly credentials?: RegistryCredentials;
  /** Hosts spoken to without TLS; by default those of the loopback interface. */
  readonly plainHttp?: (host: string) => boolean;
}

/** A repository on a registry, and what is going to be done with it. */
export interface Target {
  readonly host: string;
  readonly repository: string;
  /** Further repositories that a token must allow pulling from (cross-repository mounts). */
  readonly mountFrom?: string;
}

export interface RegistryRequest {
  readonly method: string;
  /** Path with query below the host, or an absolute URL from a Location header. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes the body anew for each attempt. */
  readonly body?: () => Promise<Blob | Buffer<ArrayBuffer>>;
  readonly signal?: AbortSignal | undefined;
}

/** Sends a request to a registry; resolves with any answer that is not worth another attempt. */
export type Transport = (target: Target, request: RegistryRequest) => Promise<Response>;

const MAX_REDIRECTS = 5;
const MAX_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 10_000;
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Adds to a RegistryFetch what every registry client needs: tokens (kept per host and repository until refused) and
 * another attempt, after a growing pause or the registry's Retry-After, when the network or the registry fails for a moment.
 */
export function createTransport(deps: TransportDeps): Transport {
  const authorizations = new Map<string, string>();
  return async (target, request) => {
    const scope = scopeOf(target, request.method);
    const key = `${target.host} ${scope}`;
    const response = await attempts(deps, () => once(deps, target, request, authorizations.get(key)), request.signal);
    if (response.status !== 401) return response;
    const challenge = parseChallenge(response.headers.get("www-authenticate"));
    const credentials = deps.credentials ?? (async () => undefined);
    const answer =
      challenge &&
      (await answerChallenge(challenge, target.host, scope, {
        ...deps,
        credentials,
        origin: originOf(deps, target.host),
      }));
    if (answer === undefined) return response;
    await response.body?.cancel();
    authorizations.set(key, answer);
    return attempts(deps, () => once(deps, target, request, answer), request.signal);
  };
}

async function attempts(deps: TransportDeps, send: () => Promise<Response>, signal?: AbortSignal): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const result = await send().catch((error: unknown) => ({ error }));
    signal?.throwIfAborted();
    if ("error" in result && result.error instanceof RegistryClientError) throw result.error;
    if (!("error" in result) && !TRANSIENT_STATUSES.has(result.status)) return result;
    if (attempt === MAX_ATTEMPTS) {
      if ("error" in result) throw result.error;
      return result;
    }
    const retryAfter = "error" in result ? null : result.headers.get("retry-after");
    if (!("error" in result)) await result.body?.cancel();
    await deps.clock.sleep(pauseMs(attempt, retryAfter), signal);
  }
}

function pauseMs(attempt: number, retryAfter: string | null): number {
  const asked = /^\d+$/.test(retryAfter ?? "") ? Number(retryAfter) * 1000 : 0;
  return Math.min(Math.max(asked, FIRST_PAUSE_MS * 2 ** (attempt - 1)), MAX_PAUSE_MS);
}

async function once(
  deps: TransportDeps,
  target: Target,
  request: RegistryRequest,
  authorization: string | undefined,
): Promise<Response> {
  const origin = originOf(deps, target.host);
  let url = new URL(request.url, origin);
  for (let redirects = 0; ; redirects++) {
    checkWay(origin, url);
    const response = await send(deps, url, request, url.origin === origin ? authorization : undefined);
    const location = redirectOf(request, response);
    if (location === undefined || redirects === MAX_REDIRECTS) return response;
    await response.body?.cancel();
    url = new URL(location, url);
  }
}

async function send(
  { fetch }: TransportDeps,
  url: URL,
  request: RegistryRequest,
  authorization: string | undefined,
): Promise<Response> {
  const body = await request.body?.();
  const headers = new Headers(request.headers);
  // A Location may lead to a storage service elsewhere, which the registry's token is not meant for.
  if (authorization !== undefined) headers.set("authorization", authorization);
  return fetch(
    new Request(url, {
      method: request.method,
      headers,
      redirect: "manual",
      ...(body === undefined ? {} : { body, duplex: "half" as const }),
      ...(request.signal ? { signal: request.signal } : {}),
    }),
  );
}

/** Where a redirect leads that may be followed: that of a request that only reads. */
function redirectOf({ method }: RegistryRequest, { status, headers }: Response): string | undefined {
  const isRedirect = (method === "GET" || method === "HEAD") && [301, 302, 303, 307, 308].includes(status);
  return isRedirect ? (headers.get("location") ?? undefined) : undefined;
}

function originOf({ plainHttp }: TransportDeps, host: string): string {
  return `${(plainHttp ?? isLoopback)(host) ? "http" : "https"}://${host}`;
}

function scopeOf(target: Target, method: string): string {
  const actions = method === "GET" || method === "HEAD" ? "pull" : method === "DELETE" ? "delete" : "pull,push";
  const own = `repository:${target.repository}:${actions}`;
  return target.mountFrom === undefined ? own : `${own} repository:${target.mountFrom}:pull`;
}
