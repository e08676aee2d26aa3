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

/** What the instances of a revision share with all others: the right to start now, and the host's memory. */
export interface HostCapacity {
  /** Resolves when an instance may start; disposing lets the next one start. */
  startSlot(): Promise<Disposable>;
  /** Stops idle instances, the longest idle first, until the reserve is free. False when it is not, and none is left. */
  makeRoom(): Promise<boolean>;
}

export interface Host extends Pick<HostCapacity, "makeRoom"> {
  /**
   * The share of a revision: it is next when it has the fewest starts under way, and among equals when it has waited
   * longest. While it is failing it has no more than half of the slots, so that the others find one free.
   */
  shareOf(isFailing: () => boolean): HostCapacity;
}

/** A start that waits for a slot. */
interface Turn {
  readonly order: number;
  readonly go: () => void;
}

interface Share {
  readonly isFailing: () => boolean;
  readonly waiting: Turn[];
  held: number;
}

export function hostCapacity(deps: HostCapacityDeps): Host {
  const waiting = new Set<Share>();
  const half = Math.max(1, Math.floor(deps.parallelStarts / 2));
  let free = deps.parallelStarts;
  let joined = 0;

  const next = (): Share | undefined => {
    const shares = [...waiting].filter(({ held, isFailing }) => held < half || !isFailing());
    return shares.reduce<Share | undefined>((best, share) => (isBefore(share, best) ? share : best), undefined);
  };
  const serve = () => {
    for (let share = next(); free > 0 && share !== undefined; share = next()) {
      free--;
      share.held++;
      share.waiting.shift()?.go();
      if (share.waiting.length === 0) waiting.delete(share);
    }
  };
  const slotOf = (share: Share): Disposable => {
    let held = true;
    return {
      [Symbol.dispose]() {
        if (!held) return;
        held = false;
        share.held--;
        free++;
        serve();
      },
    };
  };
  const makeRoom = async () => {
    while (deps.availableMemoryBytes() < deps.reserveBytes) {
      const [oldest] = deps.evictable().toSorted((a, b) => a.idleSinceMs - b.idleSinceMs);
      if (oldest === undefined) return false;
      await oldest.evict();
    }
    return true;
  };

  return {
    makeRoom,
    shareOf(isFailing) {
      const share: Share = { isFailing, waiting: [], held: 0 };
      return {
        makeRoom,
        async startSlot() {
          await new Promise<void>((go) => {
            share.waiting.push({ order: joined++, go });
            waiting.add(share);
            serve();
          });
          return slotOf(share);
        },
      };
    },
  };
}

function isBefore(a: Share, b: Share | undefined): boolean {
  if (b === undefined) return true;
  return a.held === b.held ? (a.waiting[0]?.order ?? 0) < (b.waiting[0]?.order ?? 0) : a.held < b.held;
}
