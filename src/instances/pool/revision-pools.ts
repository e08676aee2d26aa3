import type { RevisionSpec, StartOutcome } from "../serving.ts";
import { hostCapacity } from "./host-capacity.ts";
import { RevisionPool, type RevisionPoolDeps } from "./revision-pool.ts";

/** The pools of all revisions, by full resource name, which share the host's memory. Disposing stops every instance. */
export interface RevisionPools extends AsyncDisposable {
  ensure(spec: RevisionSpec): void;
  get(revision: string): RevisionPool | undefined;
  /** Forgets a revision and resolves once its instances have finished their requests and stopped. */
  remove(revision: string): Promise<void>;
  awaitReady(revision: string, signal: AbortSignal | undefined): Promise<StartOutcome>;
}

/** How often the host's memory is looked at though no instance starts. */
const MEMORY_CHECK_MS = 5_000;

export function revisionPools(deps: Omit<RevisionPoolDeps, "host">): RevisionPools {
  const pools = new Map<string, RevisionPool>();
  const leaving = new Set<RevisionPool>();
  const host = hostCapacity({
    parallelStarts: deps.settings.parallelStarts,
    reserveBytes: deps.settings.hostMemoryReserveBytes,
    availableMemoryBytes: () => process.availableMemory(),
    evictable: () => [...pools.values()].flatMap((pool) => pool.evictable()),
  });
  const memoryCheck = deps.clock.every(MEMORY_CHECK_MS, () => void host.makeRoom());

  return {
    ensure(spec) {
      const pool = pools.get(spec.name);
      if (pool === undefined) pools.set(spec.name, new RevisionPool({ ...deps, host }, spec));
      else pool.update(spec);
    },
    get: (revision) => pools.get(revision),
    async remove(revision) {
      const pool = pools.get(revision);
      if (pool === undefined) return;
      pools.delete(revision);
      leaving.add(pool);
      await pool.remove({ drain: true });
      leaving.delete(pool);
    },
    async awaitReady(revision, signal) {
      const pool = pools.get(revision);
      if (pool !== undefined) return pool.awaitReady(signal);
      return { ready: false, reason: "RUNTIME", message: `Revision ${revision} is not declared.`, logTail: [] };
    },
    async [Symbol.asyncDispose]() {
      memoryCheck[Symbol.dispose]();
      await Promise.all([...pools.values(), ...leaving].map((pool) => pool.remove({ drain: false })));
      pools.clear();
    },
  };
}
