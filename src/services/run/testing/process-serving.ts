import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type {
  RevisionSpec,
  ServiceRoute,
  Serving,
  StartOutcome,
  TaskOutcome,
  TaskSpec,
} from "../../../instances/serving.ts";

/** A variable of a test revision that holds the JavaScript which its "container" runs. */
export const PROGRAM = "PROGRAM";
/** Answers every request with the value of ANSWER. */
export const ANSWERING = `require("node:http").createServer((_, r) => r.end(process.env.ANSWER)).listen(process.env.PORT)`;
/** Never listens, never ends. */
export const SILENT = "setInterval(() => {}, 1000)";
/** Ends at once with a word. */
export const CRASHING = `console.error("Error: no such module"); process.exit(1)`;

interface Instance {
  readonly child: ChildProcess;
  readonly port: number;
  readonly outcome: Promise<StartOutcome>;
}

/** The face of the serving floor over plain node processes, for tests that need no sandbox: one instance a revision. */
export class ProcessServing implements Serving {
  readonly specs = new Map<string, RevisionSpec>();
  readonly routes = new Map<string, ServiceRoute>();
  readonly #instances = new Map<string, Promise<Instance>>();

  ensureRevision(spec: RevisionSpec): void {
    this.specs.set(spec.name, spec);
  }

  async awaitReady(revision: string, signal?: AbortSignal): Promise<StartOutcome> {
    const { outcome } = await this.#instanceOf(revision);
    if (!signal) return outcome;
    const { promise, reject } = Promise.withResolvers<never>();
    signal.throwIfAborted();
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    return Promise.race([outcome, promise]);
  }

  async removeRevision(revision: string): Promise<void> {
    this.specs.delete(revision);
    const instance = this.#instances.get(revision);
    this.#instances.delete(revision);
    await stop(await instance);
  }

  /** Runs PROGRAM as a plain process; its exit code decides. */
  async runTask({ containers: [{ env }], contractEnv }: TaskSpec, signal: AbortSignal): Promise<TaskOutcome> {
    const child = spawn(process.execPath, ["-e", env[PROGRAM]!], { env: { ...env, ...contractEnv }, stdio: "ignore" });
    const stop = () => void child.kill("SIGKILL");
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    const [exitCode, exitSignal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    signal.removeEventListener("abort", stop);
    if (signal.aborted) return { outcome: "CANCELLED" };
    if (exitCode === 0) return { outcome: "SUCCEEDED" };
    const exit = { exitCode, signal: exitSignal, outOfMemory: false };
    return { outcome: "FAILED", exit, message: `Container called exit(${exitCode ?? 0}).` };
  }

  /** There is room for everything. */
  async taskSlot(): Promise<Disposable> {
    return { [Symbol.dispose]: () => undefined };
  }

  setRoute(route: ServiceRoute): void {
    this.routes.set(route.service, route);
  }

  removeRoute(service: string): void {
    this.routes.delete(service);
  }

  /** Minimum instances are there at once; the process that starts with the first request stands for them. */
  instanceCounts(revision: string) {
    const running = this.#instances.has(revision) ? 1 : 0;
    return { starting: 0, active: 0, idle: Math.max(running, this.specs.get(revision)?.minInstances ?? 0) };
  }

  /** What a request to this URL is answered, by the revision with most traffic; undefined when nothing is served there. */
  async get(url: string): Promise<string | undefined> {
    const { host } = new URL(url);
    const [, tag, plainHost = host] = /^(.+?)---(.+)$/.exec(host) ?? [];
    const route = [...this.routes.values()].find(({ hosts }) => hosts.includes(plainHost));
    const busiest = route?.traffic.toSorted((one, other) => other.percent - one.percent)[0]?.revision;
    const revision = tag === undefined ? busiest : route?.tags[tag];
    if (revision === undefined) return undefined;
    const { port, outcome } = await this.#instanceOf(revision);
    if (!(await outcome).ready) return undefined;
    return (await fetch(`http://127.0.0.1:${port}/`)).text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#instances.keys()].map((revision) => this.removeRevision(revision)));
  }

  #instanceOf(revision: string): Promise<Instance> {
    const spec = this.specs.get(revision);
    if (!spec) throw new Error(`${revision} was not declared`);
    const present = this.#instances.get(revision) ?? start(spec);
    this.#instances.set(revision, present);
    return present;
  }
}

async function start({ containers: [{ env }], onCompleted }: RevisionSpec): Promise<Instance> {
  const port = await freePort();
  const child = spawn(process.execPath, ["-e", env[PROGRAM]!], {
    env: { ...env, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const keep = (chunk: Buffer) => void lines.push(...chunk.toString("utf8").trimEnd().split("\n"));
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const exited = once(child, "close").then((): StartOutcome => {
    if (child.exitCode === 0) onCompleted?.();
    return { ready: false, reason: "EXITED", message: "Container called exit(1).", logTail: lines };
  });
  return { child, port, outcome: Promise.race([exited, answers(port, child)]) };
}

async function answers(port: number, child: ChildProcess): Promise<StartOutcome> {
  while (child.exitCode === null && child.signalCode === null) {
    const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (response) return { ready: true };
    await new Promise((resolve) => setImmediate(resolve));
  }
  return new Promise(() => {});
}

async function stop(instance: Instance | undefined): Promise<void> {
  if (!instance || instance.child.exitCode !== null || instance.child.signalCode !== null) return;
  const gone = once(instance.child, "close");
  instance.child.kill("SIGKILL");
  await gone;
}

/** Ports below those that systems give to anybody who asks for port 0, so that nobody else is given one meanwhile. */
const PORTS = { from: 10_000, count: 20_000 };
let portsTried = 0;

async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + ((process.pid * 61 + portsTried++) % PORTS.count);
    const server = createServer().listen(port);
    const isFree = await Promise.race([
      once(server, "listening").then(() => true),
      once(server, "error").then(() => false),
    ]).catch(() => false);
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}
