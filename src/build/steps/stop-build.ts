import type { Clock } from "../../platform/clock.ts";
import type { BuildStepsRequest, StepsFailure } from "./steps.ts";
import { watchDisk } from "./watch-disk.ts";

/** What ends a build from outside its steps. Disposing takes it away. */
export interface Stop extends AsyncDisposable {
  /** Aborts with the request's signal, when the build's time is over and when its disk is full. */
  readonly signal: AbortSignal;
  /** Why it aborted, if it was neither cancelled nor given up. */
  readonly failure: StepsFailure | undefined;
  readonly status: "FAILURE" | "TIMEOUT" | undefined;
}

/** Watches the time and the disk of a build from now on. */
export async function stopWhen(clock: Clock, request: BuildStepsRequest, folders: readonly string[]): Promise<Stop> {
  const stop = new AbortController();
  let failure: StepsFailure | undefined;
  let status: Stop["status"];
  const end = (why: Stop["status"], message: string, detail: string): void => {
    if (stop.signal.aborted) return;
    failure = { type: "USER_BUILD_STEP", message, detail };
    status = why;
    stop.abort(new Error(message));
  };
  await using watches = new AsyncDisposableStack();
  const { timeoutSeconds } = request;
  watches.use(
    clock.after(timeoutSeconds * 1000, () =>
      end("TIMEOUT", "context deadline exceeded", `build timed out after ${Math.round(timeoutSeconds)}s`),
    ),
  );
  watches.use(
    await watchDisk({
      clock,
      folders,
      limitBytes: request.diskBytes,
      onFull: (problem) => end("FAILURE", problem, `Build step failure: ${problem}`),
    }),
  );
  const owned = watches.move();
  return {
    signal: AbortSignal.any([request.signal, stop.signal]),
    get failure() {
      return failure;
    },
    get status() {
      return status;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
