import type { RevisionSpec, StartOutcome } from "../serving.ts";
import { type Evictable, hostCapacity } from "./host-capacity.ts";
import { RevisionPool, type RevisionPoolDeps } from "./revision-pool.ts";

/** The pools of all revisions, by full resource name, which share the host's memory. Disposing stops every instance. */
export interface RevisionPools extends AsyncDisposable {
  /** A pool for the revision, or what changed for the one it has. It costs next to nothing until it is needed. */
  ensure(spec: RevisionSpec): void;
  /** The pool that requests are for. */
  get(revision: string): RevisionPool | undefined;
  /** Number of instances by state. */
  counts(revision: string): ReturnType<RevisionPool["counts"]>;
  /** Forgets a revision and resolves once its instances have stopped, after their requests unless `drain` is false. */
  remove(revision: string, options?: { readonly drain: boolean }): Promise<void>;
  awaitReady(revision: string, signal: AbortSignal | undefined): Promise<StartOutcome>;
}

/** How often the host's memory is looked at though no instance starts. */
const MEMORY_CHECK_MS = 5_000;

export interface RevisionPoolsDeps extends Omit<RevisionPoolDeps, "host"> {
  /** What the host may take away before idle instances. */
  readonly ahead: () => readonly Evictable[];
}

export function revisionPools(deps: RevisionPoolsDeps): RevisionPools {
  const pools = new Map<string, RevisionPool>();
  /** Most revisions are idle for most of the time: these have no pool yet. */
  const declared = new Map<string, RevisionSpec>();
  const leaving = new Set<RevisionPool>();
  const host = hostCapacity({
    parallelStarts: deps.settings.parallelStarts,
    reserveBytes: deps.settings.hostMemoryReserveBytes,
    availableMemoryBytes: () => process.availableMemory(),
    evictable: () => {
      const ahead = deps.ahead();
      return ahead.length > 0 ? ahead : [...pools.values()].flatMap((pool) => pool.evictable());
    },
  });
  const memoryCheck = deps.clock.every(MEMORY_CHECK_MS, () => void host.makeRoom());

  const open = (spec: RevisionSpec) => {
    declared.delete(spec.name);
    const pool = new RevisionPool({ ...deps, host }, spec);
    pools.set(spec.name, pool);
    return pool;
  };
  const get = (revision: string) => {
    const spec = declared.get(revision);
    return spec === undefined ? pools.get(revision) : open(spec);
  };

  return {
    ensure(spec) {
      const pool = pools.get(spec.name);
      if (pool !== undefined) pool.update(spec);
      else if (spec.minInstances > 0) open(spec);
      else declared.set(spec.name, spec);
    },
    get,
    counts: (revision) => pools.get(revision)?.counts() ?? { starting: 0, active: 0, idle: 0 },
    async remove(revision, options = { drain: true }) {
      declared.delete(revision);
      const pool = pools.get(revision);
      if (pool === undefined) return;
      pools.delete(revision);
      leaving.add(pool);
      await pool.remove(options);
      leaving.delete(pool);
    },
    async awaitReady(revision, signal) {
      const pool = get(revision);
      if (pool !== undefined) return pool.awaitReady(signal);
      return { ready: false, reason: "RUNTIME", message: `Revision ${revision} is not declared.`, logTail: [] };
    },
    async [Symbol.asyncDispose]() {
      memoryCheck[Symbol.dispose]();
      declared.clear();
      await Promise.all([...pools.values(), ...leaving].map((pool) => pool.remove({ drain: false })));
      pools.clear();
    },
  };
}
