import { lineSplitter } from "../instances/logs/line-splitter.ts";
import type { SandboxExit, Sandboxes, SandboxSpec } from "../instances/sandbox.ts";
import type { Clock } from "../platform/clock.ts";

/** Whether a log still takes what is written, so that nobody has to keep it. */
export interface LogFlow {
  /** True once no line is kept any more; output is then read and forgotten. */
  readonly isFull: boolean;
  /** There while the log is behind: whoever writes is held back until it resolves. */
  readonly behind: Promise<void> | undefined;
}

export interface LifecycleRun {
  readonly spec: Omit<SandboxSpec, "onOutput">;
  readonly timeoutMs: number;
  readonly onLogLine: (line: string) => void;
  readonly logFlow?: LogFlow | undefined;
  readonly signal: AbortSignal;
}

export type LifecycleExit = SandboxExit & { readonly timedOut: boolean };

/**
 * Runs a sandbox to its end and hands out its output line by line. When the time is over the sandbox is killed; when
 * the signal aborts it is killed too, and the promise rejects with the signal's reason. `cleanUp` waits for the rest.
 */
export async function runLifecycle(
  deps: { readonly sandboxes: Pick<Sandboxes, "start">; readonly clock: Clock },
  { spec, timeoutMs, onLogLine, logFlow, signal }: LifecycleRun,
  cleanUp: AsyncDisposableStack,
): Promise<LifecycleExit> {
  const lines = { stdout: lineSplitter(onLogLine), stderr: lineSplitter(onLogLine) };
  const onOutput: SandboxSpec["onOutput"] = (stream, chunk) => {
    if (!logFlow?.isFull) lines[stream].push(chunk);
    return logFlow?.behind;
  };
  signal.throwIfAborted();
  const sandbox = await deps.sandboxes.start({ ...spec, onOutput });
  let timedOut = false;
  const kill = (): void => void sandbox.kill("SIGKILL").catch(() => {});
  using _timer = deps.clock.after(timeoutMs, () => {
    timedOut = true;
    kill();
  });
  signal.addEventListener("abort", kill, { once: true });
  // The signal may have aborted while the sandbox started.
  if (signal.aborted) kill();
  try {
    const exit = await sandbox.exited;
    for (const splitter of Object.values(lines)) splitter.flush();
    signal.throwIfAborted();
    return { ...exit, timedOut };
  } finally {
    signal.removeEventListener("abort", kill);
    // Nothing of the build runs any more; taking the sandbox apart need not hold up what comes next.
    cleanUp.defer(startNow(() => sandbox[Symbol.asyncDispose]()));
  }
}

/** Starts something and returns a function that waits for its end. */
function startNow(run: () => PromiseLike<void>): () => Promise<void> {
  const running = Promise.resolve(run());
  running.catch(() => {});
  return () => running;
}
