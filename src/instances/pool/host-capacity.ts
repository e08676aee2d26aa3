/** An idle instance that the host may stop to get its memory back. */
export interface Evictable {
  readonly idleSinceMs: number;
  /** Stops it; resolves when its memory is free. */
  evict(): Promise<void>;
}

export interface HostCapacityDeps {
  readonly parallelStarts: number;
  readonly reserveBytes: number;
  /** Memory the host can still give out. */
  readonly availableMemoryBytes: () => number;
  /** Idle instances of all revisions above their minInstances. */
  readonly evictable: () => readonly Evictable[];
}

/** What all revisions share: the right to start an instance now, and the host's memory. */
export interface HostCapacity {
  /** Resolves, first come first served, when an instance may start; disposing lets the next one start. */
  startSlot(): Promise<Disposable>;
  /** Stops idle instances, the longest idle first, until the reserve is free. False when it is not, and none is left. */
  makeRoom(): Promise<boolean>;
}

export function hostCapacity(deps: HostCapacityDeps): HostCapacity {
  const waiting: (() => void)[] = [];
  let free = deps.parallelStarts;

  const release = () => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  const slot = (): Disposable => {
    let held = true;
    return {
      [Symbol.dispose]() {
        if (held) release();
        held = false;
      },
    };
  };

  return {
    async startSlot() {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => void waiting.push(resolve));
      return slot();
    },
    async makeRoom() {
      while (deps.availableMemoryBytes() < deps.reserveBytes) {
        const [oldest] = deps.evictable().toSorted((a, b) => a.idleSinceMs - b.idleSinceMs);
        if (oldest === undefined) return false;
        await oldest.evict();
      }
      return true;
    },
  };
}
