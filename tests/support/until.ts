import { setTimeout as delay } from "node:timers/promises";

/** Resolves with the first value of `look` that is neither undefined nor false; looks again every few milliseconds. */
export async function until<Value>(look: () => Promise<Value | undefined | false>): Promise<Value> {
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    await delay(5);
  }
}
