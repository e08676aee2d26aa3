import type { Faults } from "./faults.ts";

/** What happens to one delivery. */
export interface Fate {
  readonly drop: boolean;
  readonly duplicate: boolean;
  readonly delayMs: number;
}

const REORDER_MS = 1_000;

/** Decides on one delivery with numbers in [0, 1). The same numbers lead to the same fates. */
export function decideFate(faults: Faults, fraction: () => number): Fate {
  const { dropPercent = 0, duplicatePercent = 0, delayMs = 0, reorder = false } = faults;
  const drop = fraction() * 100 < dropPercent;
  const duplicate = !drop && fraction() * 100 < duplicatePercent;
  return { drop, duplicate, delayMs: delayMs + (reorder ? Math.floor(fraction() * REORDER_MS) : 0) };
}

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
