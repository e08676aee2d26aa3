/** What the choice between instances looks at. */
export interface PickStats {
  readonly id: string;
  readonly state: string;
  readonly active: number;
  readonly lastUsedMs: number;
}

/**
 * The instance for the next request: `preferred`, if it has room; else the ready one with the fewest requests, and among equals the one used last, so that
 * the others can be scaled in. Undefined when every ready instance serves `concurrency` requests.
 */
export function pickInstance<T extends PickStats>(
  instances: Iterable<T>,
  concurrency: number,
  preferred?: string,
): T | undefined {
  let best: T | undefined;
  for (const instance of instances) {
    if (instance.state !== "ready" || instance.active >= concurrency) continue;
    if (instance.id === preferred) return instance;
    if (best === undefined || isBetter(instance, best)) best = instance;
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
