import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { promisify } from "node:util";
import { request } from "undici";
import { until } from "./until.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const MAIN = join(REPOSITORY, "src", "main.js");
const run = promisify(execFile);

/** A homerun server in a process of its own, as `homerun up` starts it, on a data folder and ports of its own. */
export interface RealServer extends AsyncDisposable {
  readonly dataDir: string;
  readonly pid: number;
  readonly apiPort: number;
  readonly ingressPort: number;
  readonly caFile: string;
  /** "http://127.0.0.1:PORT" */
  readonly url: string;
  /** Calls REST with a JSON body and parses the JSON answer. */
  json(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<JsonAnswer>;
  /** Calls a function's or service's URL, as the API gave it, at the function port. */
  call(url: string, options?: CallOptions): Promise<{ status: number; body: string }>;
  /** Runs a homerun command against this server; rejects with its output when it fails. */
  homerun(...args: string[]): Promise<string>;
  /** The server's own log so far. */
  log(): Promise<string>;
  /** SIGKILL; the data folder stays. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for the end; the data folder stays. */
  stop(): Promise<void>;
}

export interface JsonAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export interface CallOptions {
  readonly method?: "GET" | "POST";
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

export interface RealServerOptions {
  /** Starts on the data of an earlier server; a temporary folder otherwise. */
  readonly dataDir?: string;
  /** Whether the data folder goes with the server; true by default for a temporary one. */
  readonly removeData?: boolean;
  /** Settings by their flags, for example ["--idle-timeout", "1"]. There are no stems unless they ask for some. */
  readonly flags?: readonly string[];
}

/** Starts `homerun up` and waits until it is ready. Disposing stops it. */
export async function startRealServer(options: RealServerOptions = {}): Promise<RealServer> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "homerun-real-")));
  await mkdir(dataDir, { recursive: true });
  const logFile = join(dataDir, "test-server.log");
  const ports = ["--port", "0", "--ingress-port", "0"];
  const args = [MAIN, "up", "--data-dir", dataDir, ...ports, "--stem-memory", "0", ...(options.flags ?? [])];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const log = createWriteStream(logFile, { flags: "a" });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const readLog = () => readFile(logFile, "utf8");
  using _stop = stopWithThisProcess(child);
  const removeData = options.removeData ?? options.dataDir === undefined;
  const remove = async () => removeData && rm(dataDir, { recursive: true, force: true });
  const state = await until(() => readState(dataDir, child, readLog)).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const url = `http://127.0.0.1:${state.port}`;
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  };
  const stopped = stopWithThisProcess(child);
  return {
    dataDir,
    pid: child.pid!,
    apiPort: state.port,
    ingressPort: state.ingressPort,
    caFile: state.caFile,
    url,
    json: (method, path, body, headers) => callJson(`${url}${path}`, method, body, headers),
    call: (target, call) => callUrl(state.ingressPort, target, call),
    homerun: (...args) => runHomerun([...args, "--data-dir", dataDir]),
    log: readLog,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    async [Symbol.asyncDispose]() {
      await end("SIGTERM");
      stopped[Symbol.dispose]();
      await finished(log.end());
      await remove();
    },
  };
}

interface State {
  readonly pid: number;
  readonly port: number;
  readonly ingressPort: number;
  readonly caFile: string;
}

/** The state file, once it is this child's. */
async function readState(dataDir: string, child: ChildProcess, log: () => Promise<string>) {
  if (child.exitCode !== null) throw new Error(`the server did not start:\n${await log()}`);
  const text = await readFile(join(dataDir, "server.json"), "utf8").catch(() => undefined);
  const state = text === undefined ? undefined : (JSON.parse(text) as State);
  return state?.pid === child.pid && state;
}

/** A runner that gives up on this process must not leave the server and its containers behind. */
function stopWithThisProcess(child: ChildProcess): Disposable {
  const onSignal = () => {
    child.kill("SIGTERM");
    process.exit(1);
  };
  const onExit = () => child.kill("SIGTERM");
  process.once("SIGTERM", onSignal);
  process.once("exit", onExit);
  return {
    [Symbol.dispose]() {
      process.off("SIGTERM", onSignal);
      process.off("exit", onExit);
    },
  };
}

async function runHomerun(args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [MAIN, ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

async function callJson(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<JsonAnswer> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(url, { method, headers: { "content-type": "application/json", ...headers }, ...init });
  const text = await response.text();
  return { status: response.status, body: text ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

/** Names the service in Host, so that no name has to resolve. */
async function callUrl(port: number, url: string, { method = "GET", path, headers = {}, body }: CallOptions = {}) {
  const { host, pathname } = new URL(url);
  const target = `http://127.0.0.1:${port}${path ?? pathname}`;
  const content = body === undefined ? {} : { body };
  const response = await request(target, { method, headers: { ...headers, host }, ...content });
  return { status: response.statusCode, body: await response.body.text() };
}
