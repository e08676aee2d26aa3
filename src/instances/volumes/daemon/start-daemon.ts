import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import { unmount } from "../fuse/mount-fuse.ts";
import type { FromDaemon, MountOrder, Question, ToDaemon } from "./messages.ts";

const PROGRAM = fileURLToPath(new URL("main.ts", import.meta.url));
/** The pool of libuv: two threads wait for the kernel, the others resolve names and read files. */
const THREADS = 6;
const MAX_HEAP_MIB = 128;
/** How long a daemon may take to upload what is left once its instance is gone. */
const STOP_TIMEOUT_MS = 30_000;
/** How long after a mount a process for the next one is started. */
const SPARE_DELAY_MS = 3000;

export interface StartDaemonOptions {
  readonly order: MountOrder;
  readonly answer: {
    token(): Promise<{ readonly token: string; readonly expiresInSeconds: number }>;
    secret(version: string): Promise<{ readonly data: Uint8Array }>;
  };
  /** Aborts when the mount is no longer wanted. */
  readonly signal: AbortSignal;
}

export interface Daemons {
  /**
   * Lets a process serve a volume and resolves once it is mounted; rejects with an Error for the user. Disposing lets
   * the process finish, and takes the mount away even when it cannot.
   */
  start(options: StartDaemonOptions): Promise<AsyncDisposable>;
}

interface DaemonDeps {
  /** Where Node.js keeps the compiled program, which more than halves the time it needs to start; may not exist yet. */
  readonly compileCache?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Starts daemons. Once there was one, the next is kept ready, since starting Node.js takes longer than mounting. */
export function createDaemons(deps: DaemonDeps): Daemons {
  let spare: Daemon | undefined;
  return {
    async start(options) {
      const daemon = spare !== undefined && spare.child.connected ? spare : new Daemon(deps);
      spare = undefined;
      await using undo = new AsyncDisposableStack();
      undo.use(daemon);
      await daemon.mount(options);
      // Not now, when the instance needs the CPU to start.
      deps.clock.after(SPARE_DELAY_MS, () => void (spare ??= new Daemon(deps)));
      const owned = undo.move();
      return { [Symbol.asyncDispose]: () => owned.disposeAsync() };
    },
  };
}

/** A process that serves one volume. It ends with this process, which it keeps alive only once it has a volume. */
class Daemon implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly #deps: DaemonDeps;
  readonly #exited: Promise<void>;
  readonly #complaints: Promise<string>;
  #order: MountOrder | undefined;
  #finished = false;

  constructor(deps: DaemonDeps) {
    this.#deps = deps;
    this.child = spawn(process.execPath, [`--max-old-space-size=${MAX_HEAP_MIB}`, PROGRAM], {
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
    this.child.once("exit", () => resolve()).once("error", () => resolve());
    this.#complaints = text(this.child.stderr!);
    for (const handle of this.#handles()) handle?.unref();
  }

  async mount({ order, answer, signal }: StartDaemonOptions): Promise<void> {
    this.#order = order;
    for (const handle of this.#handles()) handle?.ref();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.child.on("message", (message: FromDaemon) => {
      if (message.type === "mounted") return resolve();
      if (message.type === "failed") return reject(new Error(message.message));
      if (message.type === "finished") return void (this.#finished = true);
      if (message.type === "ask") return void this.#answer(message, answer);
      this.#deps.log.warning("a volume refused", { volume: order.volume.name, reason: message.message });
    });
    void this.#exited.then(() => this.#ended(order, reject));
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#send(order);
    return promise.finally(() => signal.removeEventListener("abort", onAbort));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#send({ type: "stop" });
    using _patience = this.#deps.clock.after(STOP_TIMEOUT_MS, () => this.child.kill("SIGKILL"));
    await this.#exited;
    // One that finished has unmounted.
    if (!this.#finished && this.#order) await unmount(this.#order.mountPoint).catch(() => {});
  }

  async #answer(message: Question & { id: number }, answer: StartDaemonOptions["answer"]): Promise<void> {
    const { id } = message;
    try {
      if (message.about === "token") return this.#send({ type: "answer", id, ...(await answer.token()) });
      const { data } = await answer.secret(message.version);
      this.#send({ type: "answer", id, data });
    } catch (error) {
      this.#send({ type: "answer", id, error: (error as Error).message });
    }
  }

  async #ended({ mountPoint }: MountOrder, reject: (error: Error) => void): Promise<void> {
    if (this.#finished) return;
    const stderr = (await this.#complaints).trim();
    this.#deps.log.error("a volume's process ended", { mountPoint, stderr });
    reject(new Error(`The volume could not be mounted: ${stderr}`));
  }

  #handles() {
    return [this.child, this.child.channel, this.child.stderr as Socket];
  }

  /** A process that is gone hears nothing; its end is noticed elsewhere. */
  #send(message: ToDaemon): void {
    if (this.child.connected) this.child.send(message, undefined, undefined, () => {});
  }
}
