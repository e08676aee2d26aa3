import { Worker } from "node:worker_threads";
import { systemClock } from "../../../platform/clock.ts";
import type { FunctionInput, UserFunction } from "./sandbox.ts";
import type { Job, JobResult, Step } from "./worker.ts";

/** Runs users' functions in a thread of their own, one message at a time. */
export interface FunctionRunner extends AsyncDisposable {
  /** The message after each function, up to the first that does not pass it on. */
  run(functions: readonly UserFunction[], input: FunctionInput): Promise<readonly Step[]>;
  /** Why the code does not declare the function; undefined when it does. */
  check(userFunction: UserFunction): Promise<string | undefined>;
}

interface Waiting {
  readonly job: Job;
  readonly resolve: (result: JobResult) => void;
}

/** When a thread that does not answer is given up: QuickJS is not interrupted within one of its own functions. */
const GIVE_UP_MS = 3_000;

/** A runner; its thread is started when it is first needed, and does not keep the process alive. */
export function createFunctionRunner(): FunctionRunner {
  const queue: Waiting[] = [];
  let thread: Worker | undefined;
  let isReady = false;
  let running: Waiting | undefined;
  let watchdog: Disposable | undefined;

  function submit(job: Job): Promise<JobResult> {
    const { promise, resolve } = Promise.withResolvers<JobResult>();
    queue.push({ job, resolve });
    next();
    return promise;
  }

  function next(): void {
    if (running || queue.length === 0) return;
    thread ??= start();
    if (!isReady) return;
    running = queue.shift()!;
    // Real time counts, whatever the services' clock says.
    watchdog = systemClock.after(GIVE_UP_MS, () => finish(exhausted("The function took too much time or memory.")));
    // oxlint-disable-next-line require-post-message-target-origin -- Threads have no origin.
    thread.postMessage(running.job);
  }

  function start(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url));
    worker.unref();
    worker.on("message", (message: "ready" | JobResult) => {
      if (message !== "ready") return finish(message);
      isReady = true;
      next();
    });
    worker.on("error", (error) => {
      // What cannot even start fails one message, and is tried again with the next one.
      running ??= queue.shift();
      finish(exhausted(error instanceof Error ? error.message : String(error)));
    });
    return worker;
  }

  function finish(result: JobResult): void {
    const finished = running;
    running = undefined;
    watchdog?.[Symbol.dispose]();
    if (result.isExhausted) void stop();
    finished?.resolve(result);
    next();
  }

  async function stop(): Promise<void> {
    const stopped = thread;
    thread = undefined;
    isReady = false;
    stopped?.removeAllListeners();
    // An error of a thread that is being stopped is nobody's.
    stopped?.on("error", () => {});
    await stopped?.terminate();
  }

  return {
    run: async (functions, input) => (await submit({ functions, input })).steps,
    async check(userFunction) {
      const [step] = (await submit({ functions: [userFunction] })).steps;
      return step?.kind === "failed" ? step.reason : undefined;
    },
    [Symbol.asyncDispose]: stop,
  };
}

function exhausted(reason: string): JobResult {
  return { steps: [{ kind: "failed", reason }], isExhausted: true };
}
