import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { Agent, request } from "../../../platform/node-http.ts";
import { json } from "node:stream/consumers";
import type { Clock } from "../../../platform/clock.ts";
import { FsError } from "../fuse/file-system.ts";

/** The Cloud Storage JSON API answers to this name wherever it listens. */
const STORAGE_HOST = "storage.googleapis.com";
const MAX_CONNECTIONS = 16;
/** Waits before what failed in a passing way is tried again. */
const RETRY_MS = [50, 250, 1000];
/** A connection on which nothing happens for so long has failed: whoever waits cannot even be killed. */
const SILENCE_MS = 60_000;
/** A token is renewed this long before it ends. */
const TOKEN_SPARE_MS = 60_000;

/** An object of the JSON API, with the fields that a file system uses. */
export interface StorageObject {
  readonly name: string;
  readonly size: string;
  readonly generation: string;
  readonly updated: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly contentDisposition?: string;
  readonly contentLanguage?: string;
  readonly cacheControl?: string;
}

export interface StorageRequest {
  readonly method?: string;
  /** Path with its query, from /storage/v1/b/BUCKET or /upload/storage/v1/b/BUCKET on. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Writes the body and ends the request; called once for each attempt. */
  readonly send?: (request: ClientRequest) => Promise<void>;
}

/** Sends requests to the Cloud Storage API as a service account. Rejects with FsError for every answer but 2xx. */
export interface StorageHttp {
  /** The response, whose body the caller reads to its end. */
  open(request: StorageRequest): Promise<IncomingMessage>;
  /** The response's JSON. */
  json<Answer>(request: StorageRequest): Promise<Answer>;
  /** Ends connections that are idle. */
  close(): void;
}

export interface StorageHttpOptions {
  /** http://HOST:PORT */
  readonly url: string;
  readonly token: () => Promise<{ readonly token: string; readonly expiresInSeconds: number }>;
  readonly clock: Clock;
}

/** An answer of the API that is an error. */
export class StorageError extends FsError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(errorNameOf(status), message);
    this.status = status;
  }
}

export function storageHttp({ url, token, clock }: StorageHttpOptions): StorageHttp {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  const { hostname, port } = new URL(url);
  let current: { readonly value: Promise<string>; endsAtMs: number } | undefined;

  function accessToken(): Promise<string> {
    if (current !== undefined && clock.nowMs() < current.endsAtMs) return current.value;
    const fetched = token();
    const mine = { value: fetched.then((answer) => answer.token), endsAtMs: Infinity };
    current = mine;
    fetched.then(
      ({ expiresInSeconds }) => (mine.endsAtMs = clock.nowMs() + expiresInSeconds * 1000 - TOKEN_SPARE_MS),
      () => (current = undefined),
    );
    return mine.value;
  }

  async function attempt({ method = "GET", path, headers, send }: StorageRequest): Promise<IncomingMessage> {
    const authorization = `Bearer ${await accessToken()}`;
    // What is compressed stays so: sizes are those of the stored bytes.
    const common = { host: STORAGE_HOST, authorization, "accept-encoding": "gzip", ...headers };
    const response = await exchange(
      { agent, hostname: hostname.replaceAll(/[[\]]/g, ""), port, method, path, headers: common },
      send,
    );
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response;
    if (status === 401) current = undefined;
    throw new StorageError(status, await errorMessage(response));
  }

  async function open(asked: StorageRequest): Promise<IncomingMessage> {
    for (const waitMs of RETRY_MS) {
      try {
        return await attempt(asked);
      } catch (error) {
        if (!isPassing(error)) throw error;
        await clock.sleep(waitMs);
      }
    }
    return attempt(asked).catch((cause: unknown) => {
      throw cause instanceof FsError ? cause : new FsError("EIO", `Cloud Storage: ${(cause as Error).message}`);
    });
  }

  return {
    open,
    json: async <Answer>(asked: StorageRequest) => {
      const response = await open(asked);
      if (response.statusCode !== 204) return (await json(response)) as Answer;
      response.resume();
      return undefined as Answer;
    },
    close: () => agent.destroy(),
  };
}

async function exchange(options: RequestOptions, send: StorageRequest["send"]): Promise<IncomingMessage> {
  const outgoing = request(options);
  const { promise: answered, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  // A connection may break after its answer began, too; whoever reads the body is told.
  outgoing.once("response", (response) => resolve(response.on("error", () => {}))).on("error", reject);
  outgoing.setTimeout(SILENCE_MS, () => outgoing.destroy(new Error(`no answer for ${SILENCE_MS / 1000} s`)));
  if (send === undefined) outgoing.end();
  // An early answer, which is an error, counts and not that the body could not be written to its end.
  else send(outgoing).catch(reject);
  return answered;
}

async function errorMessage(response: IncomingMessage): Promise<string> {
  const body = (await json(response).catch(() => undefined)) as { error?: { message?: string } } | undefined;
  return body?.error?.message ?? `Cloud Storage answered ${response.statusCode}.`;
}

/** Google: cloud.google.com/storage/docs/retry-strategy: 408, 429, 5xx and broken connections are tried again. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof StorageError)) return !(error instanceof FsError);
  return error.status === 401 || error.status === 408 || error.status === 429 || error.status >= 500;
}

function errorNameOf(status: number) {
  if (status === 401 || status === 403) return "EACCES";
  if (status === 404) return "ENOENT";
  if (status === 412) return "ESTALE";
  return status === 413 ? "EFBIG" : "EIO";
}
