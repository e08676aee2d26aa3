import { targetConcurrency } from "./autoscale.ts";

/** What the choice between instances looks at. */
export interface PickStats {
  readonly id: string;
  readonly state: string;
  /** Whether it may get new requests while it is ready. */
  readonly accepting: boolean;
  readonly active: number;
  readonly lastUsedMs: number;
}

export interface PickOptions {
  /** Requests an instance serves at the same time. */
  readonly concurrency: number;
  /** How many instances share the requests as long as they are below their target; absent: all. */
  readonly spread?: number;
  /** Id of the instance that the client has been with. */
  readonly preferred?: string | undefined;
}

/**
 * The instance for the next request: the preferred one if it has room; else, of the first `spread` ready ones that are
 * below their target, or else of all that have room, the one with the fewest requests, and among equals the one used
 * last, so that the others can be scaled in. Undefined when every ready instance serves `concurrency` requests.
 */
export function pickInstance<T extends PickStats>(instances: Iterable<T>, options: PickOptions): T | undefined {
  const { concurrency, spread = Infinity, preferred } = options;
  const target = targetConcurrency(concurrency);
  let best: T | undefined;
  let isBestFirst = false;
  let ready = 0;
  for (const instance of instances) {
    if (instance.state !== "ready" || !instance.accepting) continue;
    const isFirst = ready++ < spread && instance.active < target;
    if (instance.active >= concurrency) continue;
    if (instance.id === preferred) return instance;
    if (best !== undefined && (isFirst === isBestFirst ? !isBetter(instance, best) : isBestFirst)) continue;
    best = instance;
    isBestFirst = isFirst;
  }
  return best;
}

function isBetter(a: PickStats, b: PickStats): boolean {
  return a.active === b.active ? a.lastUsedMs > b.lastUsedMs : a.active < b.active;
}

/**
 * The revision a request goes to: percentages over revisions and a chance in [0, 1). Undefined when there is no traffic.
 */
export function pickRevision(
  traffic: readonly { readonly revision: string; readonly percent: number }[],
  chance: number,
): string | undefined {
  const total = traffic.reduce((sum, { percent }) => sum + percent, 0);
  let mark = chance * total;
  for (const { revision, percent } of traffic) {
    if (percent > 0 && mark < percent) return revision;
    mark -= percent;
  }
  return undefined;
}
