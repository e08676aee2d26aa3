import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileBlobs } from "../../src/platform/blobs/file-blobs.ts";
import { type Clock, systemClock } from "../../src/platform/clock.ts";
import { randomIds } from "../../src/platform/ids.ts";
import { jsonLog, type Log } from "../../src/platform/log.ts";
import { openStore } from "../../src/platform/store/open-store.ts";
import { type Api, assembleApi } from "../../src/server/assemble-api.ts";
import { createApiListener } from "../../src/server/listeners/api-listener.ts";
import { openCertificateAuthority } from "../../src/server/tls/certificate-authority.ts";
import { createLocalTokens } from "../../src/wire/credentials/local-tokens.ts";
import { openSigningKey } from "../../src/wire/credentials/signing-keys.ts";
import { trackedStore, type WorkTracker } from "../../src/platform/work-tracker.ts";
import type { ServiceDeps } from "../../src/wire/service-deps.ts";
import type { ServiceModule } from "../../src/wire/service-module.ts";

/** Real services behind real sockets, in a temporary folder. */
export interface BootedApi extends AsyncDisposable {
  /** "http://127.0.0.1:PORT": REST of every module, by root, path prefix or Host. */
  readonly url: string;
  /** "127.0.0.1:PORT", for gRPC clients without TLS. */
  readonly grpcAddress: string;
  readonly dataDir: string;
  readonly api: Api;
  /** Listens on another address, too; resolves with the port. */
  listen(address: string): Promise<number>;
  /** Calls REST with a JSON body and parses the JSON answer. */
  json(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
}

export interface BootOptions {
  readonly clock?: Clock;
  /** Hears of transactions and of requests that services make. */
  readonly workTracker?: WorkTracker;
  /** Boots again on the data of an earlier one, which must be disposed with `keepData`. */
  readonly dataDir?: string;
  readonly keepData?: boolean;
}

/** Boots the given modules: SQLite and blobs in a temporary folder, REST and gRPC on one free port of 127.0.0.1. */
export async function bootApi(
  defineModules: (deps: ServiceDeps) => readonly ServiceModule[],
  { clock = systemClock, dataDir: givenDataDir, keepData = false, workTracker }: BootOptions = {},
): Promise<BootedApi> {
  const dataDir = givenDataDir ?? (await mkdtemp(join(tmpdir(), "homerun-test-")));
  const log = testLog(clock);
  const opened = await openStore(join(dataDir, "homerun.db"), { clock, ids: randomIds, log });
  const store = workTracker ? trackedStore(opened, workTracker) : opened;
  const key = await openSigningKey(join(dataDir, "keys", "tokens.pem"));
  const addresses = { api: "http://127.0.0.1:0", ingress: "http://127.0.0.1:0" };
  const api = await assembleApi({
    store,
    blobs: fileBlobs(join(dataDir, "blobs")),
    clock,
    workTracker,
    ids: randomIds,
    log,
    tokens: createLocalTokens(key, clock, randomIds),
    addresses,
    defineModules,
  });
  await api.start();
  const authority = await openCertificateAuthority(join(dataDir, "tls"), clock);
  const handleServiceConnection = (connection: { destroy(): unknown }) => void connection.destroy();
  const listener = createApiListener({
    handleApi: api.handle,
    grpc: api.grpc,
    authority,
    handleServiceConnection,
    log,
  });
  const port = await listener.listen(0, "127.0.0.1");
  addresses.api = `http://127.0.0.1:${port}`;
  return {
    url: addresses.api,
    grpcAddress: `127.0.0.1:${port}`,
    dataDir,
    api,
    listen: (address) => listener.listen(0, address),
    json: (method, path, body) => callJson(`${addresses.api}${path}`, method, body),
    async [Symbol.asyncDispose]() {
      await listener[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      if (!keepData) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Warnings and errors of the code under test show in the test's output; TEST_LOG=DEBUG shows everything. */
function testLog(clock: Clock): Log {
  const minimum = process.env["TEST_LOG"] === "DEBUG" ? "DEBUG" : "WARNING";
  return jsonLog(
    (line) => process.stderr.write(line),
    minimum,
    () => clock.nowMs(),
  );
}

async function callJson(url: string, method: string, body: unknown) {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const response = await fetch(url, { method, ...init });
  const text = await response.text();
  return { status: response.status, body: text ? (JSON.parse(text) as Record<string, unknown>) : {} };
}
