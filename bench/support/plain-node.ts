import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request as httpRequest, Agent } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const EXAMPLE = join(import.meta.dirname, "..", "..", "examples", "hello-http");
const run = promisify(execFile);

/** The same function by hand: a folder, npm install, and the Functions Framework on the host, without containers. */
export interface PlainNode extends AsyncDisposable {
  /** Milliseconds of the `npm ci`. */
  readonly installMs: number;
  /** Replaces the greeting in the code. */
  greet(word: string): Promise<void>;
  /** Starts the framework and resolves once a request is answered with the word; gives the milliseconds. Then stops it. */
  startAndAsk(word: string): Promise<number>;
}

/** Installs the example's dependencies in a folder of its own. */
export async function openPlainNode(): Promise<PlainNode> {
  const folder = await mkdtemp(join(tmpdir(), "homerun-bench-plain-"));
  await cp(EXAMPLE, folder, { recursive: true });
  const start = performance.now();
  await run("npm", ["ci", "--omit=dev", "--no-audit", "--no-fund"], { cwd: folder });
  const installMs = performance.now() - start;
  const file = join(folder, "index.js");
  const original = await readFile(file, "utf8");
  return {
    installMs,
    greet: (word) => writeFile(file, original.replace("Hello", word)),
    startAndAsk: (word) => startAndAsk(folder, word),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function startAndAsk(folder: string, word: string): Promise<number> {
  const port = await freePort();
  const start = performance.now();
  const framework = join(folder, "node_modules", "@google-cloud", "functions-framework", "build", "src", "main.js");
  const env = { ...process.env, PORT: String(port), FUNCTION_TARGET: "hello" };
  const child = spawn(process.execPath, [framework], { cwd: folder, env, stdio: "ignore" });
  try {
    while (!(await answers(port, word))) await stillRuns(child);
    return performance.now() - start;
  } finally {
    if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
  }
}

async function stillRuns(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) throw new Error(`the Functions Framework ended with ${child.exitCode}`);
  await delay(1);
}

async function answers(port: number, word: string): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/`).then(
    (response) => response.text(),
    () => "",
  );
  return answer.includes(word);
}

/** A port of 127.0.0.1 that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  return port;
}

/** The plainest HTTP proxy that Node.js can be: no routing, no limits, no log. */
export async function openPlainProxy(host: string, port: number): Promise<{ port: number } & AsyncDisposable> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer((request, response) => {
    const { method, url: path, headers } = request;
    const onward = httpRequest({ host, port, method: method ?? "GET", path: path ?? "/", headers, agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}
