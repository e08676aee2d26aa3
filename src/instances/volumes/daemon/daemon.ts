import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import { unmount } from "../fuse/mount-fuse.ts";
import type { FromDaemon, MountOrder, Question, ToDaemon } from "./messages.ts";

const PROGRAM = fileURLToPath(new URL("main.ts", import.meta.url));
/** Volumes that one process serves at most. */
export const MAX_VOLUMES = 8;
/** The pool of libuv: two threads of each volume wait for the kernel, the others resolve names and read files. */
const THREADS = 4 + 2 * MAX_VOLUMES;
const MAX_HEAP_MIB = 128;
/** How long a daemon may take to upload what is left once its instance is gone. */
const UNMOUNT_TIMEOUT_MS = 30_000;

export interface DaemonDeps {
  /** Where Node.js keeps the compiled program, which more than halves the time it needs to start; may not exist yet. */
  readonly compileCache?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export interface MountRequest {
  readonly order: Omit<MountOrder, "id">;
  /** What the daemon may ask for on behalf of the volume. */
  readonly answer: {
    token(): Promise<{ readonly token: string; readonly expiresInSeconds: number }>;
    secret(version: string): Promise<{ readonly data: Uint8Array }>;
  };
  /** Aborts when the mount is no longer wanted. */
  readonly signal: AbortSignal;
}

interface Volume extends MountRequest {
  readonly mounted: PromiseWithResolvers<void>;
  readonly unmounted: PromiseWithResolvers<void>;
}

/** A process that serves volumes. It ends with this process, which it keeps alive only once it has a volume. */
export class Daemon implements AsyncDisposable {
  readonly #deps: DaemonDeps;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #complaints: Promise<string>;
  readonly #volumes = new Map<number, Volume>();
  #lastId = 0;

  constructor(deps: DaemonDeps) {
    this.#deps = deps;
    this.#child = spawn(process.execPath, [`--max-old-space-size=${MAX_HEAP_MIB}`, PROGRAM], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      serialization: "advanced",
      // A session of its own: Ctrl-C in the server's terminal reaches the server, which stops instances in order.
      detached: true,
      env: {
        PATH: process.env["PATH"],
        UV_THREADPOOL_SIZE: String(THREADS),
        ...(deps.compileCache !== undefined && { NODE_COMPILE_CACHE: deps.compileCache }),
      },
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#exited = promise;
    this.#child.once("exit", () => resolve()).once("error", () => resolve());
    this.#child.on("message", (message: FromDaemon) => this.#heard(message));
    this.#complaints = text(this.#child.stderr!);
    for (const handle of this.#handles()) handle?.unref();
    void this.#exited.then(() => this.#ended());
  }

  /** Volumes that are mounted or about to be. */
  get volumes(): number {
    return this.#volumes.size;
  }

  get alive(): boolean {
    return this.#child.connected;
  }

  /** Resolves once the volume is mounted; rejects with an Error for the user. Disposing unmounts it whatever happens. */
  async mount(request: MountRequest): Promise<AsyncDisposable> {
    for (const handle of this.#handles()) handle?.ref();
    const id = ++this.#lastId;
    const [mounted, unmounted] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    this.#volumes.set(id, { ...request, mounted, unmounted });
    const { signal, order } = request;
    const onAbort = () => mounted.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#send({ type: "mount", id, ...order });
    try {
      await mounted.promise;
      return { [Symbol.asyncDispose]: () => this.#unmount(id) };
    } catch (error) {
      await this.#unmount(id);
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  async #unmount(id: number): Promise<void> {
    const { order, unmounted } = this.#volumes.get(id)!;
    this.#send({ type: "unmount", id });
    let inOrder = true;
    const abandon = () => {
      inOrder = false;
      unmounted.resolve();
    };
    using _patience = this.#deps.clock.after(UNMOUNT_TIMEOUT_MS, abandon);
    void this.#exited.then(abandon);
    await unmounted.promise;
    this.#volumes.delete(id);
    if (!inOrder) await unmount(order.mountPoint).catch(() => {});
  }

  #heard(message: FromDaemon): void {
    const volume = this.#volumes.get(message.id);
    if (volume === undefined) return;
    if (message.type === "mounted") volume.mounted.resolve();
    else if (message.type === "unmounted") volume.unmounted.resolve();
    else if (message.type === "failed") volume.mounted.reject(new Error(message.message));
    else if (message.type === "ask") void this.#answer(message, volume);
    else this.#deps.log.warning("a volume refused", { volume: volume.order.volume.name, reason: message.message });
  }

  async #answer(asked: Question & { question: number }, { answer }: Volume): Promise<void> {
    const { question } = asked;
    try {
      if (asked.about === "token") return this.#send({ type: "answer", question, ...(await answer.token()) });
      const { data } = await answer.secret(asked.version);
      this.#send({ type: "answer", question, data });
    } catch (error) {
      this.#send({ type: "answer", question, error: (error as Error).message });
    }
  }

  async #ended(): Promise<void> {
    const volumes = [...this.#volumes.values()];
    if (volumes.length === 0) return;
    const stderr = (await this.#complaints).trim();
    const names = volumes.map(({ order }) => order.volume.name);
    this.#deps.log.error("the process of an instance's volumes ended", { volumes: names, stderr });
    for (const { mounted } of volumes) mounted.reject(new Error(`The volume could not be mounted: ${stderr}`));
  }

  #handles() {
    return [this.#child, this.#child.channel, this.#child.stderr as Socket];
  }

  /** A process that is gone hears nothing; its end is noticed elsewhere. */
  #send(message: ToDaemon): void {
    if (this.#child.connected) this.#child.send(message, undefined, undefined, () => {});
  }
}
