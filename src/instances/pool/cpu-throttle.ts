import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Sandbox } from "../sandbox.ts";

export interface CpuThrottleDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly sandbox: Pick<Sandbox, "pause" | "resume">;
  /** Time between the last request and the pause, for responses and log lines that are still under way. */
  readonly graceMs: number;
  /** Called just before a pause; connections that were idle until then must not be used again. */
  readonly onPause: () => void;
}

/** CPU only during requests: pauses all processes of an instance while it has nothing to do. */
export interface CpuThrottle {
  /** Gives the CPU back. Undefined when it was there all along, else a promise of it. */
  wake(): Promise<void> | undefined;
  /** Takes the CPU away after the grace time, unless `wake` comes first. */
  rest(): void;
}

/** A throttle for a sandbox that runs now. Pauses and resumes never overlap and never get out of order. */
export function cpuThrottle(deps: CpuThrottleDeps): CpuThrottle {
  let timer: Disposable | undefined;
  let asleep = false;
  let last: Promise<void> = Promise.resolve();

  const enqueue = (action: "pause" | "resume") => {
    last = last
      .then(() => deps.sandbox[action]())
      .catch((cause: unknown) => {
        deps.log.debug("CPU throttle failed", { action, cause });
      });
    return last;
  };
  const pause = () => {
    asleep = true;
    deps.onPause();
    void enqueue("pause");
  };

  return {
    wake() {
      timer?.[Symbol.dispose]();
      timer = undefined;
      if (!asleep) return undefined;
      asleep = false;
      return enqueue("resume");
    },
    rest() {
      timer?.[Symbol.dispose]();
      timer = deps.clock.after(deps.graceMs, pause);
    },
  };
}

/** A throttle that never takes the CPU away. */
export const alwaysOn: CpuThrottle = { wake: () => undefined, rest() {} };
