import type { ContainerSpec } from "../workload.ts";

/** What tasks may take of this host at the same time. */
export interface TaskBudget {
  readonly memoryBytes: number;
  readonly cpus: number;
}

/** The part of the host that tasks use, so that requests find some of it free. */
export interface TaskCapacity {
  /**
   * Resolves, first come first served, when the host has room for an instance of these containers; disposing gives the
   * room back. An instance that is larger than the whole budget runs when no other task does. Rejects with the signal's
   * reason when that aborts first.
   */
  slot(containers: readonly Pick<ContainerSpec, "limits">[], signal: AbortSignal): Promise<Disposable>;
}

interface Waiting {
  readonly need: TaskBudget;
  readonly start: () => void;
}

/** Counts what running tasks may use by their limits. */
export function taskCapacity(budget: TaskBudget): TaskCapacity {
  const waiting: Waiting[] = [];
  let used = 0;
  let memoryBytes = 0;
  let cpus = 0;

  const fits = (need: TaskBudget) =>
    used === 0 || (memoryBytes + need.memoryBytes <= budget.memoryBytes && cpus + need.cpus <= budget.cpus);
  const take = (need: TaskBudget, sign: 1 | -1) => {
    used += sign;
    memoryBytes += sign * need.memoryBytes;
    cpus += sign * need.cpus;
  };
  const startWhatFits = () => {
    while (waiting[0] && fits(waiting[0].need)) {
      const next = waiting.shift()!;
      take(next.need, 1);
      next.start();
    }
  };
  const slotOf = (need: TaskBudget): Disposable => {
    let held = true;
    return {
      [Symbol.dispose]() {
        if (!held) return;
        held = false;
        take(need, -1);
        startWhatFits();
      },
    };
  };

  return {
    slot(containers, signal) {
      const need = needOf(containers);
      const { promise, resolve, reject } = Promise.withResolvers<Disposable>();
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      const entry: Waiting = {
        need,
        start() {
          signal.removeEventListener("abort", giveUp);
          resolve(slotOf(need));
        },
      };
      const giveUp = () => {
        waiting.splice(waiting.indexOf(entry), 1);
        reject(signal.reason as Error);
        startWhatFits();
      };
      signal.addEventListener("abort", giveUp, { once: true });
      waiting.push(entry);
      startWhatFits();
      return promise;
    },
  };
}

function needOf(containers: readonly Pick<ContainerSpec, "limits">[]): TaskBudget {
  const sum = (of: keyof TaskBudget) => containers.reduce((total, { limits }) => total + limits[of], 0);
  // Fractions of CPUs would add up with rounding errors that never come back to zero.
  return { memoryBytes: sum("memoryBytes"), cpus: Math.round(sum("cpus") * 1000) / 1000 };
}
