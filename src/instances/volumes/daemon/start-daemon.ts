import { type ChildProcess, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import { unmount } from "../fuse/mount-fuse.ts";
import type { Answer, FromDaemon, MountOrder, ToDaemon } from "./messages.ts";

const PROGRAM = fileURLToPath(new URL("main.ts", import.meta.url));
/** The pool of libuv: two threads wait for the kernel, the others resolve names and read files. */
const THREADS = 6;
const MAX_HEAP_MIB = 128;
/** How long a daemon may take to upload what is left once its instance is gone. */
const STOP_TIMEOUT_MS = 30_000;

export interface StartDaemonOptions {
  readonly order: MountOrder;
  readonly answer: {
    token(): Promise<{ readonly token: string; readonly expiresInSeconds: number }>;
    secret(version: string): Promise<{ readonly data: Uint8Array }>;
  };
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the mount is no longer wanted. */
  readonly signal: AbortSignal;
}

/**
 * Starts the process that serves a volume and resolves once it is mounted; rejects with an Error for the user. Disposing
 * lets the process finish, and takes the mount away even when it cannot.
 */
export async function startDaemon(options: StartDaemonOptions): Promise<AsyncDisposable> {
  const { order, clock, log } = options;
  const child = spawn(process.execPath, [`--max-old-space-size=${MAX_HEAP_MIB}`, PROGRAM], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "advanced",
    // A session of its own: Ctrl-C in the server's terminal reaches the server, which stops instances in order.
    detached: true,
    env: { PATH: process.env["PATH"], UV_THREADPOOL_SIZE: String(THREADS) },
  });
  const { promise: exited, resolve: onExit } = Promise.withResolvers<void>();
  child.once("exit", () => onExit()).once("error", () => onExit());
  const complaints = text(child.stderr!);
  let stopping = false;
  void exited.then(async () => {
    if (!stopping) log.error("a volume's process ended", { mountPoint: order.mountPoint, stderr: await complaints });
  });

  async function stop(): Promise<void> {
    stopping = true;
    send(child, { type: "stop" });
    using _patience = clock.after(STOP_TIMEOUT_MS, () => child.kill("SIGKILL"));
    await exited;
    // After a clean end nothing is mounted any more.
    if (child.exitCode !== 0) await unmount(order.mountPoint).catch(() => {});
  }

  await using undo = new AsyncDisposableStack();
  undo.defer(stop);
  await mounted(child, options, exited, complaints);
  const owned = undo.move();
  return { [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Answers a daemon's questions for good; resolves when it has mounted its volume. */
function mounted(
  child: ChildProcess,
  { order, answer, log, signal }: StartDaemonOptions,
  exited: Promise<void>,
  complaints: Promise<string>,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.on("message", (message: FromDaemon) => {
    if (message.type === "mounted") return resolve();
    if (message.type === "failed") return reject(new Error(message.message));
    if (message.type === "problem") {
      return log.warning("a volume could not do what it was asked", {
        volume: order.volume.name,
        reason: message.message,
      });
    }
    const asked = message.about === "token" ? answer.token() : answer.secret(message.version);
    void asked.then(
      (value) => send(child, { type: "answer", id: message.id, ...pick(value) }),
      (error: unknown) => send(child, { type: "answer", id: message.id, error: (error as Error).message }),
    );
  });
  void exited.then(async () => reject(new Error(`The volume could not be mounted: ${(await complaints).trim()}`)));
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  send(child, order);
  return promise.finally(() => signal.removeEventListener("abort", onAbort));
}

function pick(value: { token: string; expiresInSeconds: number } | { data: Uint8Array }) {
  return "token" in value ? value : { data: value.data };
}

/** A daemon that is gone hears nothing; its end is noticed elsewhere. */
function send(child: ChildProcess, message: ToDaemon | Answer): void {
  if (child.connected) child.send(message, undefined, undefined, () => {});
}
