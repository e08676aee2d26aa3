import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Linux counts CPU time in ticks of this length. */
const TICK_MS = 10;
const LOOK_MS = 250;
/** Share of a look's time that a process with nothing to do may work. */
const IDLE_SHARE = 0.1;

/** CPU time of all threads of a process so far, in user space and in the kernel, ms. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number) as [number, number];
  return (user + system) * TICK_MS;
}

/** Resolves once a process is through with what it does after work, so that none of it meets what is measured next. */
export async function untilIdle(pid: number): Promise<void> {
  for (let before = cpuMs(pid); ;) {
    await delay(LOOK_MS);
    const now = cpuMs(pid);
    if (now - before <= IDLE_SHARE * LOOK_MS) return;
    before = now;
  }
}
