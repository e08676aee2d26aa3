/** A kind of stem, as far as it matters for how many there are. */
export interface PlannedKind {
  readonly key: string;
  readonly lastUsedMs: number;
  /** How many wait. */
  readonly waiting: number;
  /** Memory that one takes; an estimate before the first one runs. */
  readonly memoryBytes: number;
}

export interface StemPlan {
  /** The kind of which one more is to be started. */
  readonly start: string | undefined;
  /** The kinds of which one is to be stopped, as often as they are here. */
  readonly stop: readonly string[];
}

/** More of one kind than this only help where many instances of one function start at the same time. */
const MOST_OF_A_KIND = 3;

/** Shares a memory budget out: one stem for each kind, the one used last first, then a second for each, and so on. */
export function planStems(kinds: readonly PlannedKind[], budgetBytes: number): StemPlan {
  const wanted = new Map<string, number>();
  let left = budgetBytes;
  const byUse = kinds.toSorted((a, b) => b.lastUsedMs - a.lastUsedMs);
  for (let round = 1; round <= MOST_OF_A_KIND; round++) {
    for (const { key, memoryBytes } of byUse) {
      if (memoryBytes > left || (wanted.get(key) ?? 0) < round - 1) continue;
      left -= memoryBytes;
      wanted.set(key, round);
    }
  }
  const missing = byUse
    .filter(({ key, waiting }) => waiting < (wanted.get(key) ?? 0))
    .toSorted((a, b) => a.waiting - b.waiting);
  return {
    start: missing[0]?.key,
    stop: byUse.flatMap(({ key, waiting }) =>
      Array.from({ length: Math.max(0, waiting - (wanted.get(key) ?? 0)) }, () => key),
    ),
  };
}
